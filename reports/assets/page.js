/* Draws the figures, keeps language and theme, sorts and filters the list of leads. Pages can be read without it. */
(function () {
  "use strict";

  var radios = Array.prototype.slice.call(document.querySelectorAll("input.language"));
  var themes = Array.prototype.slice.call(document.querySelectorAll("input.theme"));
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var PRINT_WIDTH = 690;

  /* Colours of the figures and the names they have in style.css, where they differ in the dark. */
  var COLOURS = {
    "#1b2430": "--ink", "#5b6673": "--quiet", "#dfe3e8": "--hair", "#ffffff": "--paper", "#0072b2": "--blue",
    "#56b4e9": "--sky", "#009e73": "--mark", "#d55e00": "--line", "#b84f00": "--vermillion"
  };

  function language() {
    return document.getElementById("language-en").checked ? "en" : "zh";
  }

  function stored(name, value) {
    try {
      if (value === undefined) { return window.localStorage.getItem("exam-audit-" + name); }
      window.localStorage.setItem("exam-audit-" + name, value);
    } catch (refused) { return null; }
    return null;
  }

  /* Words inside a figure are {en, zh}; colours are the palette's; everything else is as Plotly wants it. */
  function resolved(value, tongue, palette) {
    if (Array.isArray(value)) { return value.map(function (one) { return resolved(one, tongue, palette); }); }
    if (typeof value === "string") { return palette[value.toLowerCase()] || value; }
    if (value === null || typeof value !== "object") { return value; }
    var names = Object.keys(value);
    if (names.length === 2 && "en" in value && "zh" in value) { return value[tongue]; }
    return names.reduce(function (made, name) { made[name] = resolved(value[name], tongue, palette); return made; }, {});
  }

  /* The figures' colours as the page wears them now; paper is always light. */
  function palette_now(on_paper) {
    var probe = document.createElement("span"), made = {};
    document.body.appendChild(probe);
    Object.keys(COLOURS).forEach(function (colour) {
      probe.style.color = "var(" + COLOURS[colour] + ")";
      made[colour] = on_paper ? colour : window.getComputedStyle(probe).color;
    });
    document.body.removeChild(probe);
    return made;
  }

  function figures() {
    return Array.prototype.slice.call(document.querySelectorAll("figure.plot"));
  }

  function draw(width) {
    if (typeof window.Plotly === "undefined") { return; }
    var palette = palette_now(Boolean(width));
    figures().forEach(function (figure) {
      var told = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
      var made = resolved(told, language(), palette);
      if (figure.clientWidth < 600 && !width && made.layout.xaxis && made.layout.xaxis.nticks) { made.layout.xaxis.nticks = 4; }
      if (width) { made.layout.width = width; made.config.responsive = false; }
      figure.classList.add("drawn");
      window.Plotly.react(figure.querySelector(".canvas"), made.data, made.layout, made.config);
    });
  }

  function speak() {
    document.documentElement.lang = language() === "en" ? "en" : "zh-CN";
    stored("language", language());
    draw();
  }

  /* Without a choice the page wears what the system wears; the switch shows which that is. */
  function dress() {
    var chosen = stored("theme"), name = chosen === "dark" || chosen === "light" ? chosen : dark.matches ? "dark" : "light";
    themes.forEach(function (radio) { radio.checked = radio.id === "theme-" + name; });
  }

  function open(is_open) {
    Array.prototype.forEach.call(document.querySelectorAll("details"), function (fold) {
      if (is_open && !fold.open) { fold.open = true; fold.dataset.opened = "yes"; }
      if (!is_open && fold.dataset.opened) { fold.open = false; delete fold.dataset.opened; }
    });
  }

  function listen() {
    var kept = stored("language");
    if (kept === "en" || kept === "zh") { document.getElementById("language-" + kept).checked = true; }
    radios.forEach(function (radio) { radio.addEventListener("change", speak); });
    themes.forEach(function (radio) {
      radio.addEventListener("change", function () { stored("theme", radio.id.slice(6)); draw(); });
    });
    if (dark.addEventListener) { dark.addEventListener("change", function () { dress(); draw(); }); }
    Array.prototype.forEach.call(document.querySelectorAll("button.print"), function (button) {
      button.hidden = false;
      button.addEventListener("click", function () { window.print(); });
    });
    window.addEventListener("beforeprint", function () { open(true); draw(PRINT_WIDTH); });
    window.addEventListener("afterprint", function () { open(false); draw(); });
  }

  /* -- the list of leads ------------------------------------------------------------------------------------- */

  function shown_text(cell) {
    return cell.dataset.value !== undefined ? cell.dataset.value : cell.textContent.trim();
  }

  function value_of(row, column, kind) {
    var text = shown_text(row.cells[column]);
    if (kind !== "number") { return text; }
    var number = parseFloat(text.replace(/\s/g, ""));
    return isNaN(number) ? -Infinity : number;
  }

  function sortable(table) {
    var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
    heads.forEach(function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) { button.appendChild(head.firstChild); }
      head.appendChild(button);
      button.addEventListener("click", function () { sort(table, heads, column); });
    });
  }

  function sort(table, heads, column) {
    var down = heads[column].getAttribute("aria-sort") === "ascending";
    var kind = heads[column].dataset.sort, body = table.tBodies[0];
    var rows = Array.prototype.slice.call(body.rows).map(function (row) { return [value_of(row, column, kind), row]; });
    rows.sort(function (a, b) {
      var order = kind === "number" ? (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0) : a[0].localeCompare(b[0], "zh-CN");
      return down ? -order : order;
    });
    rows.forEach(function (pair) { body.appendChild(pair[1]); });
    heads.forEach(function (head) { head.removeAttribute("aria-sort"); });
    heads[column].setAttribute("aria-sort", down ? "descending" : "ascending");
  }

  function filterable(form, table) {
    var rows = Array.prototype.slice.call(table.tBodies[0].rows);
    var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
    function apply() {
      var text = form.elements.search.value.trim().toLowerCase(), count = 0;
      var place = form.elements.institution.value, detector = form.elements.detector.value;
      var grade = form.elements.grade.value;
      rows.forEach(function (row, index) {
        var fits = (!text || texts[index].indexOf(text) >= 0) && (!place || row.dataset.institution === place) &&
          (!detector || row.dataset.detectors.split(" ").indexOf(detector) >= 0) && (!grade || row.dataset.grade === grade);
        row.hidden = !fits;
        count += fits ? 1 : 0;
      });
      form.querySelector("output").textContent = count + " / " + rows.length;
    }
    form.hidden = false;
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("input", apply);
    form.addEventListener("reset", function () { window.setTimeout(apply, 0); });
    Array.prototype.forEach.call(document.querySelectorAll(".matrix a"), function (link) {
      link.addEventListener("click", function () {
        form.elements.search.value = "";
        form.elements.grade.value = "";
        form.elements.institution.value = link.dataset.institution;
        form.elements.detector.value = link.dataset.detector;
        apply();
      });
    });
    apply();
  }

  dress();
  listen();
  speak();
  var table = document.querySelector("table.leads"), form = document.querySelector("form.filters");
  if (table && form && table.querySelector("tr[data-grade]")) { sortable(table); filterable(form, table); }
})();
