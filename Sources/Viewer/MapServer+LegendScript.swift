extension MapServer {
  /// The page's legend: classes shown, hidden, pointed at and named.
  static let legendScript = (
    type: "text/javascript; charset=utf-8",
    text: #"""
    "use strict";

    // The legend.

    const grouped = (number) => number.toLocaleString("en");

    function amount(pixels, total) {
      if (pixels === undefined || !total) return "";
      const share = (100 * pixels / total).toFixed(1) + " %";
      if (!map.pixelArea) return share;
      const hectares = pixels * map.pixelArea / 1e4;
      const digits = hectares >= 9.95 ? 0 : hectares >= 0.995 ? 1 : 2;
      const area = hectares.toLocaleString(
        "en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
      return `${area} ha · ${share}`;
    }

    function showLegend() {
      const total = map.classes.reduce((sum, entry) => sum + (entry.pixels ?? 0), 0);
      for (const entry of map.classes) {
        const row = byId("classes").insertRow();
        const seen = Object.assign(document.createElement("input"),
          { type: "checkbox", checked: true, title: "Show or hide" });
        seen.onchange = () => {
          seen.checked ? hidden.delete(entry.value) : hidden.add(entry.value);
          repaint();
        };
        const swatch = document.createElement("span");
        swatch.className = "swatch";
        swatch.style.background = entry.colour;
        const name = Object.assign(document.createElement("input"),
          { type: "text", value: entry.name, maxLength: 256, spellcheck: false });
        name.setAttribute("aria-label", `Name of class ${entry.value}`);
        name.oninput = () => {
          name.classList.toggle("changed", name.value !== entry.name);
          say("");
          updateSave();
        };
        row.insertCell().append(seen);
        row.insertCell().append(swatch);
        row.insertCell().append(name);
        row.insertCell().textContent = amount(entry.pixels, total);
        row.onpointerenter = () => point(entry.value, row);
        row.onpointerleave = () => point(0, row);
      }
    }

    function point(value, row) {
      pointed = value;
      row.classList.toggle("pointed", value !== 0);
      repaint();
    }

    const inputs = () => [...document.querySelectorAll("#classes input[type=text]")];
    const updateSave = () => byId("save").disabled =
      Boolean(map.refusal) || !inputs().some((input) => input.classList.contains("changed"));

    function say(words, failed = false) {
      byId("said").textContent = words;
      byId("said").classList.toggle("failed", failed);
    }

    async function save() {
      const names = {};
      inputs().forEach((input, index) => {
        if (input.classList.contains("changed")) names[index] = input.value.trim();
      });
      byId("save").disabled = true;
      const answer = await fetch("names", { method: "POST", body: JSON.stringify({ names }) })
        .catch(() => null);
      if (!answer?.ok) {
        say(answer ? await answer.text() : "The program does not answer: is it still running?", true);
        updateSave();
        return;
      }
      inputs().forEach((input, index) => {
        if (!(index in names)) return;
        input.value = map.classes[index].name = names[index];
        input.classList.remove("changed");
      });
      updateSave();
      say(`Saved in ${map.named.join(" and ")}.`);
    }

    byId("names").onsubmit = (event) => {
      event.preventDefault();
      if (!byId("save").disabled) save();
    };

    byId("done").onclick = async () => {
      if (!byId("save").disabled && !confirm("There are names that are not saved. End all the same?"))
        return;
      const answer = await fetch("done", { method: "POST" }).catch(() => null);
      say(answer?.ok ? "The program has ended. This page can be closed." : "The program does not answer.",
        !answer?.ok);
      for (const button of document.querySelectorAll("#actions button")) button.disabled = true;
      for (const input of inputs()) input.disabled = true;
    };

    byId("strength").oninput = () => {
      strength = byId("strength").value / 100;
      redraw();
    };

    async function start() {
      map = await (await fetch("map.json")).json();
      document.title = byId("title").textContent = map.title;
      byId("facts").textContent = [
        `${grouped(map.width)} × ${grouped(map.height)} pixels`,
        map.coordinateSystem, map.image ? `over ${map.image}` : null,
      ].filter(Boolean).join(" · ");
      byId("amount").textContent = map.pixelArea ? "area · share" : "share";
      strength = map.image ? 0.6 : 1;
      byId("strength").value = 100 * strength;
      byId("opacity").hidden = !map.image;
      showLegend();
      if (map.refusal) say(`Names cannot be saved: ${map.refusal}`, true);
      fit();
    }

    start();

    """#
  )
}
