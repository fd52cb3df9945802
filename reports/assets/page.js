/* Draws the figures, keeps language and theme, leads back to the list. Pages can be read without it. */
(function () {
  "use strict";

  var radios = Array.prototype.slice.call(document.querySelectorAll("input.language"));
  var themes = Array.prototype.slice.call(document.querySelectorAll("input.theme"));
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var PRINT_WIDTH = 690, MOST_LETTERS = 200, LANE_SHARE = 0.3;

  /* Colours of the figures and the names they have in style.css, where they differ in the dark. */
  var COLOURS = {
    "#1b2430": "--ink", "#56616d": "--quiet", "#dfe3e8": "--hair", "#ffffff": "--paper", "#0072b2": "--blue",
    "#56b4e9": "--sky", "#009e73": "--mark", "#d55e00": "--line", "#b84f00": "--vermillion",
    "#e69f00": "--orange"
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

  /* Words of a figure as far as there is room for them; they end in … where they are cut. */
  function fitting(words, room, pen) {
    var text = words.slice(0, MOST_LETTERS);
    if (text === words && pen.measureText(text).width <= room) { return words; }
    while (text && pen.measureText(text + "…").width > room) { text = text.slice(0, -1); }
    return text.replace(/&[a-z]*$/, "") + "…";
  }

  /* Titles and names of lanes are cut where there is no room for them; the table below the figure has them whole. */
  function shorten(layout, width, is_on_screen) {
    var pen = document.createElement("canvas").getContext("2d"), lanes = layout.yaxis && layout.yaxis.ticktext;
    pen.font = layout.font.size + "px " + layout.font.family;
    (is_on_screen && layout.annotations || []).forEach(function (note) {
      if (note.name === "title") { note.text = fitting(note.text, width - 48, pen); }
    });
    if (lanes) { layout.yaxis.ticktext = lanes.map(function (name) { return fitting(name, width * LANE_SHARE, pen); }); }
  }

  /* A figure in a closed fold has no width yet: it is drawn once the fold is opened. */
  function draw(width) {
    if (typeof window.Plotly === "undefined") { return; }
    var palette = palette_now(Boolean(width));
    figures().forEach(function (figure) {
      if (figure.closest("details:not([open])")) { return; }
      var told = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
      var made = resolved(told, language(), palette);
      if (figure.clientWidth < 600 && !width && made.layout.xaxis && made.layout.xaxis.nticks) { made.layout.xaxis.nticks = 4; }
      shorten(made.layout, width || figure.clientWidth, !width);
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
    var printing = false;
    window.addEventListener("beforeprint", function () { printing = true; open(true); draw(PRINT_WIDTH); });
    window.addEventListener("afterprint", function () { printing = false; open(false); draw(); });
    document.addEventListener("toggle", function (event) {
      if (event.target.open && !printing && event.target.querySelector("figure.plot")) { draw(); }
    }, true);
  }

  /* The way back from a page to the list of leads leads to the place that the list was left at. */
  function lead_back() {
    Array.prototype.forEach.call(document.querySelectorAll('.trail a[href$="index.html"]'), function (link) {
      try { link.hash = window.sessionStorage.getItem("exam-audit-place:" + link.pathname) || ""; } catch (refused) { return; }
    });
  }

  dress();
  listen();
  speak();
  lead_back();
})();
