extension MapServer {
  /// How the page draws the map and moves about in it.
  static let mapScript = (
    type: "text/javascript; charset=utf-8",
    text: #"""
    "use strict";

    const byId = (id) => document.getElementById(id);
    const canvas = byId("map");
    const context = canvas.getContext("2d");
    const most = 600; // tiles kept
    let map; // what map.json says
    let view = { x: 0, y: 0, scale: 1 }; // the map's pixel at the corner; screen pixels a map pixel
    let strength = 1; // of labels over the image, 0 to 1
    let pointed = 0; // the value that the pointer is on in the legend
    const hidden = new Set();
    const tiles = new Map(); // by address, the one used last at the end
    let paint = 0; // how labels are painted now; raised when that changes

    // Tiles.

    const extent = (whole, level, index) =>
      Math.ceil(Math.min(map.tileSide * 2 ** level, whole - index * map.tileSide * 2 ** level)
        / 2 ** level);

    function tile(kind, level, column, row) {
      const address = `${kind}/${level}/${column}/${row}`;
      let found = tiles.get(address);
      if (found) {
        tiles.delete(address);
      } else {
        found = { kind, width: extent(map.width, level, column),
                  height: extent(map.height, level, row) };
        read(address, found);
      }
      tiles.set(address, found);
      for (const old of tiles.keys()) {
        if (tiles.size <= most) break;
        tiles.delete(old);
      }
      return found.bytes ? painted(found) : null;
    }

    let reading = 0; // answers waited for
    async function read(address, tile) {
      byId("reading").hidden = ++reading === 0;
      try {
        const answer = await fetch(address);
        if (answer.ok) {
          tile.bytes = new Uint8Array(await answer.arrayBuffer());
          redraw();
        } else {
          say(await answer.text() || "A part of the map cannot be read.", true);
        }
      } catch {
        // Asked for again once it is looked at.
        tiles.delete(address);
      }
      byId("reading").hidden = --reading === 0;
    }

    // A tile as a picture; of labels, in the colours of the classes that are to be seen.
    function painted(tile) {
      if (tile.picture && (tile.kind === "image" || tile.paint === paint)) return tile.picture;
      const picture = tile.picture ?? document.createElement("canvas");
      picture.width = tile.width;
      picture.height = tile.height;
      const pixels = new ImageData(tile.width, tile.height);
      if (tile.kind === "image") {
        pixels.data.set(tile.bytes);
      } else {
        const colours = palette();
        const words = new Uint32Array(pixels.data.buffer);
        for (let i = 0; i < words.length; i++) words[i] = colours[tile.bytes[i]];
      }
      picture.getContext("2d").putImageData(pixels, 0, 0);
      tile.picture = picture;
      tile.paint = paint;
      return picture;
    }

    function palette() {
      const bytes = new Uint8Array(4 * 256);
      for (const entry of map.classes) {
        if (hidden.has(entry.value)) continue;
        const number = parseInt(entry.colour.slice(1), 16);
        const opacity = !pointed || pointed === entry.value ? 255 : 40;
        bytes.set([number >> 16, number >> 8 & 255, number & 255, opacity], 4 * entry.value);
      }
      return new Uint32Array(bytes.buffer);
    }

    function repaint() {
      paint++;
      redraw();
    }

    // Drawing.

    let waiting = false;
    function redraw() {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        draw();
      });
    }

    function draw() {
      const ratio = window.devicePixelRatio || 1;
      const [width, height] = [innerWidth, innerHeight];
      if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
        canvas.width = Math.round(width * ratio);
        canvas.height = Math.round(height * ratio);
      }
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, width, height);
      const wanted = Math.floor(Math.log2(1 / (view.scale * ratio)) + 0.25);
      const level = Math.max(0, Math.min(map.levels - 1, wanted));
      context.imageSmoothingEnabled = view.scale * ratio * 2 ** level < 1;
      for (const kind of map.image ? ["image", "labels"] : ["labels"]) {
        context.globalAlpha = kind === "labels" ? strength : 1;
        if (context.globalAlpha === 0) continue;
        drawLevel(kind, level, width, height);
      }
      context.globalAlpha = 1;
    }

    function drawLevel(kind, level, width, height) {
      const side = map.tileSide * 2 ** level;
      const first = (start) => Math.max(0, Math.floor(start / side));
      const last = (end, whole) => Math.min(Math.ceil(whole / side), Math.ceil(end / side));
      const rows = [first(view.y), last(view.y + height / view.scale, map.height)];
      const columns = [first(view.x), last(view.x + width / view.scale, map.width)];
      const edge = (start, at) => Math.round((start - at) * view.scale);
      for (let row = rows[0]; row < rows[1]; row++) {
        for (let column = columns[0]; column < columns[1]; column++) {
          const picture = tile(kind, level, column, row);
          if (!picture) continue;
          const left = edge(column * side, view.x), top = edge(row * side, view.y);
          const right = edge(Math.min((column + 1) * side, map.width), view.x);
          const bottom = edge(Math.min((row + 1) * side, map.height), view.y);
          context.drawImage(
            picture, left, top, Math.max(1, right - left), Math.max(1, bottom - top));
        }
      }
    }

    // Moving about.

    const panel = () => innerWidth > 700 ? document.querySelector("aside").offsetWidth + 24 : 0;

    function fit() {
      const room = { width: innerWidth - panel() - 24, height: innerHeight - 24 };
      view.scale = Math.min(room.width / map.width, room.height / map.height, 8);
      view.x = map.width / 2 - (12 + room.width / 2) / view.scale;
      view.y = map.height / 2 - (12 + room.height / 2) / view.scale;
      redraw();
    }

    function zoom(factor, x = (innerWidth - panel()) / 2, y = innerHeight / 2) {
      const least = Math.min(1, 100 / Math.max(map.width, map.height));
      const scale = Math.max(least, Math.min(64, view.scale * factor));
      view.x += x / view.scale - x / scale;
      view.y += y / view.scale - y / scale;
      view.scale = scale;
      redraw();
    }

    function move(right, down) {
      view.x += right / view.scale;
      view.y += down / view.scale;
      redraw();
    }

    let held = null;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      canvas.classList.add("moving");
      held = { x: event.clientX, y: event.clientY };
    });
    canvas.addEventListener("pointermove", (event) => {
      if (held) {
        move(held.x - event.clientX, held.y - event.clientY);
        held = { x: event.clientX, y: event.clientY };
      }
      tellPlace(event.clientX, event.clientY);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, () => {
        held = null;
        canvas.classList.remove("moving");
      });
    }
    canvas.addEventListener("pointerleave", () => byId("place").textContent = "");
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      zoom(2 ** (-event.deltaY / (event.deltaMode ? 6 : 240)), event.clientX, event.clientY);
    }, { passive: false });
    canvas.addEventListener("dblclick", (event) => zoom(2, event.clientX, event.clientY));
    addEventListener("resize", redraw);
    addEventListener("keydown", (event) => {
      if (event.target.tagName === "INPUT" || event.ctrlKey || event.metaKey || event.altKey) return;
      const moves = { ArrowLeft: [-80, 0], ArrowRight: [80, 0], ArrowUp: [0, -80],
                      ArrowDown: [0, 80] };
      if (moves[event.key]) move(...moves[event.key]);
      else if (event.key === "+" || event.key === "=") zoom(1.5);
      else if (event.key === "-") zoom(1 / 1.5);
      else if (event.key === "0") fit();
      else return;
      event.preventDefault();
    });
    byId("in").onclick = () => zoom(1.5);
    byId("out").onclick = () => zoom(1 / 1.5);
    byId("fit").onclick = fit;

    // Where the pointer is, and on what.
    function tellPlace(x, y) {
      const column = Math.floor(view.x + x / view.scale);
      const row = Math.floor(view.y + y / view.scale);
      if (column < 0 || row < 0 || column >= map.width || row >= map.height) {
        byId("place").textContent = "";
        return;
      }
      const parts = [];
      const entry = map.classes.find((entry) => entry.value === labelAt(column, row));
      if (entry) parts.push(entry.name);
      const g = map.geoTransform;
      if (g) {
        const digits = Math.abs(g[1]) < 0.01 ? 6 : 1;
        const place = [g[0] + (column + 0.5) * g[1] + (row + 0.5) * g[2],
                       g[3] + (column + 0.5) * g[4] + (row + 0.5) * g[5]];
        parts.push(place.map((number) => number.toFixed(digits)).join(", "));
      }
      parts.push(`column ${column}, row ${row}`);
      byId("place").textContent = parts.join(" · ");
    }

    // The finest label that has been read there.
    function labelAt(column, row) {
      for (let level = 0; level < map.levels; level++) {
        const side = map.tileSide * 2 ** level;
        const [across, down] = [Math.floor(column / side), Math.floor(row / side)];
        const found = tiles.get(`labels/${level}/${across}/${down}`);
        if (!found?.bytes) continue;
        const x = Math.min(found.width - 1, Math.floor((column - across * side) / 2 ** level));
        const y = Math.min(found.height - 1, Math.floor((row - down * side) / 2 ** level));
        return found.bytes[y * found.width + x];
      }
      return 0;
    }

    """#
  )
}
