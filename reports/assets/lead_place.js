/* Where the reader is in the list of leads: kept in the address, reached by keyboard, taken to paper. */
(function () {
  "use strict";

  var list = window.examAuditLeads;
  if (!list) { return; }
  var form = list.form, box = list.box, waiting = 0;
  var BEGIN = "#leads?";

  /* -- the address ---------------------------------------------------------------------------------------------- */

  function address() {
    var told = new URLSearchParams(), at = list.height() ? Math.floor(box.scrollTop / list.height()) : 0;
    list.fields.forEach(function (name) { if (form.elements[name].value) { told.set(name, form.elements[name].value); } });
    if (list.sorted.key !== "rank" || list.sorted.down) { told.set("sort", (list.sorted.down ? "-" : "") + list.sorted.key); }
    if (at) { told.set("at", String(at)); }
    var query = told.toString();
    return query ? BEGIN + query : "";
  }

  /* The address of the list is that of its filters; the tab keeps it for the way back from an evidence page. */
  function keep() {
    window.clearTimeout(waiting);
    var now = address();
    window.history.scrollRestoration = now ? "manual" : "auto";
    if (now !== window.location.hash && (now || window.location.hash.indexOf(BEGIN) === 0)) {
      window.history.replaceState(null, "", now || "#leads");
    }
    try { window.sessionStorage.setItem("exam-audit-place:" + window.location.pathname, now); } catch (refused) { return; }
  }

  function keep_soon() {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(keep, 250);
  }

  /* Takes filters, sort and place from the address, unless it names another part of the page. */
  function restore() {
    var hash = window.location.hash;
    if (hash.indexOf(BEGIN) !== 0 && hash !== "" && hash !== "#leads") { return; }
    var told = new URLSearchParams(hash.slice(BEGIN.length)), sort = told.get("sort") || "rank";
    window.history.scrollRestoration = hash ? "manual" : "auto";
    list.fields.forEach(function (name) { form.elements[name].value = told.get(name) || ""; });
    list.sorted.down = sort.charAt(0) === "-";
    list.sorted.key = sort.replace(/^-/, "");
    if (!list.heads.some(function (head) { return head.dataset.key === list.sorted.key; })) { list.sorted.key = "rank"; }
    list.apply(false);
    box.scrollTop = Number(told.get("at") || 0) * list.height();
    list.view();
    if (hash) { document.getElementById("leads").scrollIntoView(); }
  }

  /* -- the form ------------------------------------------------------------------------------------------------- */

  function options(name, pairs) {
    var order = new Intl.Collator("zh-CN"), choice = form.elements[name], chosen = choice.value;
    choice.length = 1;
    pairs.sort(function (a, b) { return order.compare(a[1], b[1]); }).forEach(function (pair) {
      choice.add(new Option(pair[1], pair[0]));
    });
    choice.value = chosen;
  }

  /* The choices of each filter in the language of the page; what was chosen stays chosen. */
  function fill() {
    var data = list.data, side = document.getElementById("language-en").checked ? 1 : 0;
    function named(names) { return Object.keys(names).map(function (code) { return [code, names[code][side]]; }); }
    function coded(codes) { return codes.map(function (one) { return [one[0], one[1 + side]]; }); }
    options("institution", data.institutions.filter(function (one) { return one[0]; }).map(function (one) { return one.slice(); }));
    options("detector", named(data.detector_names));
    options("authority", named(data.authority_names));
    options("grade", coded(data.grades));
    options("type", coded(data.types));
  }

  function sort_by(head) {
    var same = list.sorted.key === head.dataset.key;
    list.sorted.down = same && !list.sorted.down;
    list.sorted.key = head.dataset.key;
    list.apply(false);
    keep();
  }

  function listen() {
    list.heads.forEach(function (head) {
      var button = document.createElement("button");
      button.type = "button";
      button.append.apply(button, Array.prototype.slice.call(head.childNodes));
      head.appendChild(button);
      button.addEventListener("click", function () { sort_by(head); });
    });
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("input", function () { list.apply(false); keep_soon(); });
    form.addEventListener("reset", function () {
      window.setTimeout(function () { list.sorted.key = "rank"; list.sorted.down = false; list.apply(false); keep(); }, 0);
    });
    box.addEventListener("scroll", function () { window.requestAnimationFrame(list.view); keep_soon(); }, { passive: true });
    box.addEventListener("click", function (event) { if (event.target.closest("a")) { keep(); } });
    box.addEventListener("keydown", step);
    document.querySelectorAll("input.language").forEach(function (radio) { radio.addEventListener("change", fill); });
    window.addEventListener("hashchange", restore);
    window.addEventListener("pagehide", keep);
    window.addEventListener("resize", function () { list.measure(); list.view(); });
    Array.prototype.forEach.call(document.querySelectorAll(".matrix a"), function (link) {
      var query = new URLSearchParams({ institution: link.dataset.institution, detector: link.dataset.detector });
      link.hash = BEGIN + query.toString().replace(/(^|&)\w+=(?=&|$)/g, "").replace(/^&/, "");
    });
  }

  /* -- the keyboard: arrows go from row to row, Enter opens ------------------------------------------------------ */

  function step(event) {
    var row = event.target.closest("tr[aria-rowindex]"), room = Math.max(1, Math.floor(box.clientHeight / list.height()) - 1);
    var at = row ? Number(row.getAttribute("aria-rowindex")) - 2 : Math.ceil(box.scrollTop / list.height()) - 1;
    var last = list.shown().length - 1;
    var to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + room, PageUp: at - room, Home: 0, End: last }[event.key];
    if (event.key === "Enter" && event.target === row && row.querySelector("a")) { row.querySelector("a").click(); }
    if (to === undefined || last < 0 || event.target.closest("thead")) { return; }
    event.preventDefault();
    go(Math.max(0, Math.min(last, to)));
  }

  function go(at) {
    var height = list.height(), top = at * height, head = list.table.tHead.offsetHeight;
    if (top < box.scrollTop) { box.scrollTop = top; }
    if (top + height + head > box.scrollTop + box.clientHeight) { box.scrollTop = top + height + head - box.clientHeight; }
    list.view();
    var row = list.body.querySelector('tr[aria-rowindex="' + (at + 2) + '"]');
    if (row) { row.focus({ preventScroll: true }); row.scrollIntoView({ block: "nearest" }); }
  }

  /* -- paper ---------------------------------------------------------------------------------------------------- */

  function print() {
    var count = Math.min(list.printed, list.shown().length);
    list.lay(0, count);
    list.note.textContent = list.grouped(count) + " / " + list.grouped(list.shown().length);
  }

  fill();
  listen();
  list.start();
  list.apply(false);
  if (window.location.hash) { restore(); }
  window.addEventListener("beforeprint", print);
  window.addEventListener("afterprint", list.view);
  performance.mark("leads-usable");
})();
