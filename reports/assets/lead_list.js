/* The list of leads: filters, sort and search over all of them; only the rows in view stand in the page. */
(function () {
  "use strict";

  var holder = document.getElementById("lead-data");
  if (!holder) { return; }
  var data = JSON.parse(holder.textContent), rows = data.rows, size = rows.lead.length;
  var form = document.querySelector("form.filters"), box = document.querySelector(".scroll.list");
  var table = box.querySelector("table"), heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
  var body = table.tBodies[0], note = document.querySelector(".print-note");
  var above = spacer(), below = spacer();
  var SPARE = 12, PRINTED = Number(table.dataset.printed), THIN = "\u202f";
  var FIELDS = ["search", "institution", "detector", "grade", "authority", "type", "least", "most"];
  var shown = [], sorted = { key: "rank", down: false }, drawn = new Map(), height = 0, texts = null, ranks = {};

  /* -- words and figures ---------------------------------------------------------------------------------------- */

  function element(name, className, text) {
    var made = document.createElement(name);
    if (className) { made.className = className; }
    if (text !== undefined) { made.textContent = text; }
    return made;
  }

  function spacer() {
    var row = element("tr", "spacer"), cell = row.appendChild(element("td"));
    cell.colSpan = heads.length;
    row.setAttribute("aria-hidden", "true");
    return row;
  }

  /* Words in both languages, of which the page's switch shows one. */
  function both(pair, parent) {
    if (pair[0] === pair[1]) { parent.appendChild(element("span", "", pair[0])); return parent; }
    ["zh", "en"].forEach(function (side, place) {
      parent.appendChild(element("span", side, pair[place])).lang = side === "zh" ? "zh-CN" : "en";
    });
    return parent;
  }

  function grouped(number) {
    return String(number).replace(/\B(?=(\d{3})+$)/g, THIN);
  }

  function money(fen) {
    if (fen === null) { return "–"; }
    var whole = Math.floor(Math.abs(fen) / 100), rest = Math.abs(fen) % 100;
    return (fen < 0 ? "−" : "") + grouped(whole) + "." + (rest < 10 ? "0" : "") + rest;
  }

  /* -- one row -------------------------------------------------------------------------------------------------- */

  function title(lead) {
    var cell = element("td"), pair = data.titles[rows.title[lead]];
    var line = cell.appendChild(element("div", "clip two")), to = cell.appendChild(element("div", "quiet on-paper"));
    if (rows.page[lead]) {
      line = line.appendChild(element("a"));
      line.href = "leads/" + rows.lead[lead] + ".html";
    }
    both(pair, line);
    data.authorities[rows.authorities[lead]].forEach(function (code, place) {
      if (place) { to.appendChild(document.createTextNode(" · ")); }
      both(data.authority_names[code], to);
    });
    return cell;
  }

  /* The rank, and the first characters of the lead's number, which stands whole on its page. */
  function rank(lead) {
    var cell = element("td", "n", grouped(rows.rank[lead])), id = cell.appendChild(element("div", "quiet"));
    id.appendChild(element("code", "", rows.lead[lead].slice(0, 8))).title = rows.lead[lead];
    return cell;
  }

  function subject(lead) {
    var cell = element("td"), told = rows.subject[lead], line = element("div", "clip");
    both(data.types[rows.type[lead]].slice(1), cell.appendChild(element("div", "clip quiet")));
    if (Array.isArray(told)) { both(told, line); } else { line.textContent = cut(told); line.title = told; }
    cell.appendChild(line);
    return cell;
  }

  /* A pseudonym by its first twelve characters, as on the evidence page. */
  function cut(told) {
    var who = told.split(" · ")[0];
    return who.length > 20 ? who.slice(0, 12) + "…" + told.slice(who.length) : told;
  }

  function grade(lead) {
    var cell = element("td"), told = data.grades[rows.grade[lead]];
    both(told.slice(1), cell.appendChild(element("span", "grade " + (/^[a-z]+$/.test(told[0]) ? told[0] : ""))));
    return cell;
  }

  function drawn_row(lead) {
    var row = element("tr"), place = element("td"), name = data.institutions[rows.institution[lead]][1];
    place.appendChild(element("div", "clip two", name)).title = name;
    row.tabIndex = -1;
    [rank(lead), title(lead), grade(lead), place, subject(lead)].forEach(row.appendChild, row);
    row.appendChild(element("td", "t", rows.last[lead] || "–"));
    [grouped(rows.findings[lead]), grouped(rows.exempt[lead]), money(rows.amount[lead]), money(rows.fund[lead])]
      .forEach(function (text) { row.appendChild(element("td", "n", text)); });
    return row;
  }

  /* -- the window of rows in view ------------------------------------------------------------------------------- */

  function lay(first, last) {
    var kept = new Map(), cursor = above.nextSibling;
    for (var at = first; at < last; at += 1) { kept.set(shown[at], drawn.get(shown[at])); }
    drawn.forEach(function (row, lead) {
      if (kept.get(lead)) { return; }
      if (row.contains(document.activeElement)) { box.focus({ preventScroll: true }); }
      if (cursor === row) { cursor = row.nextSibling; }
      row.remove();
    });
    for (at = first; at < last; at += 1) {
      var row = kept.get(shown[at]) || drawn_row(shown[at]);
      kept.set(shown[at], row);
      row.setAttribute("aria-rowindex", String(at + 2));
      if (cursor === row) { cursor = row.nextSibling; } else { body.insertBefore(row, cursor); }
    }
    drawn = kept;
  }

  function view() {
    if (!height) { return; }
    var top = Math.floor(box.scrollTop / height), room = Math.ceil(box.clientHeight / height);
    var first = Math.max(0, Math.min(top, shown.length - room) - SPARE), last = Math.min(shown.length, top + room + SPARE);
    lay(first, last);
    above.firstChild.style.height = first * height + "px";
    below.firstChild.style.height = (shown.length - last) * height + "px";
  }

  function measure() {
    var row = body.querySelector("tr[aria-rowindex]");
    height = row ? row.getBoundingClientRect().height : 0;
  }

  function rewind() {
    lay(0, Math.min(shown.length, 2 * SPARE));
    measure();
    view();
  }

  /* -- filter and sort ------------------------------------------------------------------------------------------ */

  function searched() {
    texts = texts || rows.lead.map(function (id, lead) {
      var institution = data.institutions[rows.institution[lead]];
      return [id, rows.subject[lead], data.titles[rows.title[lead]], institution, data.detectors[rows.detectors[lead]]]
        .join(" ").toLowerCase();
    });
    return texts;
  }

  /* For each of some lists of codes, whether a code stands in it; all where none is asked for. */
  function holding(lists, code) {
    return lists.map(function (codes) { return !code || codes.indexOf(code) >= 0; });
  }

  function fen(field) {
    var text = form.elements[field].value.trim();
    return text === "" || isNaN(Number(text)) ? null : Math.round(Number(text) * 100);
  }

  function fitting() {
    var asked = {}, words = form.elements.search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    FIELDS.forEach(function (name) { asked[name] = form.elements[name].value; });
    var fits = {
      detectors: holding(data.detectors, asked.detector), authorities: holding(data.authorities, asked.authority),
      institution: holding(data.institutions.map(function (one) { return [one[0] || ""]; }), asked.institution),
      grade: holding(data.grades.map(function (one) { return [one[0]]; }), asked.grade),
      type: holding(data.types.map(function (one) { return [one[0]]; }), asked.type)
    };
    var columns = Object.keys(fits), least = fen("least"), most = fen("most"), found = [], told = words.length ? searched() : [];
    for (var lead = 0; lead < size; lead += 1) {
      var amount = rows.amount[lead];
      if (columns.every(function (name) { return fits[name][rows[name][lead]]; }) &&
        (least === null || (amount !== null && amount >= least)) && (most === null || (amount !== null && amount <= most)) &&
        words.every(function (word) { return told[lead].indexOf(word) >= 0; })) { found.push(lead); }
    }
    return found;
  }

  /* Places of the texts of a list in the order of the dictionary: texts are compared once, not once a lead. */
  function ranked(name, list) {
    if (!ranks[name]) {
      var order = new Intl.Collator("zh-CN"), places = list.map(function (_, place) { return place; });
      places.sort(function (a, b) { return order.compare(list[a], list[b]); });
      ranks[name] = [];
      places.forEach(function (place, rank) { ranks[name][place] = rank; });
    }
    return function (lead) { return ranks[name][rows[name][lead]]; };
  }

  function value_of(key) {
    var named = { title: [data.titles, 0], institution: [data.institutions, 1], grade: [data.grades, 1] }[key];
    if (named) { return ranked(key, named[0].map(function (one) { return one[named[1]]; })); }
    if (key === "subject") { return function (lead) { return String(rows.subject[lead]); }; }
    return function (lead) { var value = rows[key][lead]; return value === null ? (key === "last" ? "" : -Infinity) : value; };
  }

  function apply(keep) {
    var began = performance.now(), value = value_of(sorted.key), turn = sorted.down ? -1 : 1, top = keep ? box.scrollTop : 0;
    shown = fitting();
    if (sorted.key !== "rank" || sorted.down) {
      var values = new Array(size);
      shown.forEach(function (lead) { values[lead] = value(lead); });
      shown.sort(function (a, b) {
        var x = values[a], y = values[b];
        return (x < y ? -turn : x > y ? turn : 0) || a - b;
      });
    }
    heads.forEach(function (head) {
      if (head.dataset.key !== sorted.key) { head.removeAttribute("aria-sort"); } else {
        head.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
      }
    });
    form.querySelector("output").textContent = grouped(shown.length) + " / " + grouped(size);
    table.setAttribute("aria-rowcount", String(shown.length + 1));
    table.classList.toggle("empty", !shown.length);
    rewind();
    box.scrollTop = top;
    view();
    performance.measure("lead-list", { start: began });
  }

  window.examAuditLeads = {
    form: form, box: box, table: table, heads: heads, body: body, note: note, data: data, fields: FIELDS, sorted: sorted,
    apply: apply, view: view, lay: lay, rewind: rewind, measure: measure, grouped: grouped, printed: PRINTED,
    height: function () { return height; }, shown: function () { return shown; },
    start: function () {
      body.replaceChildren(above, below);
      table.classList.add("live");
      form.hidden = false;
    }
  };
})();
