extension MapServer {
  /// The page itself, which asks for all else.
  static let page = (
    type: "text/html; charset=utf-8",
    text: """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>iic view</title>
    <link rel="stylesheet" href="viewer.css">
    </head>
    <body>
    <canvas id="map" tabindex="0" aria-label="The label map; arrows move it, + and − zoom"></canvas>
    <div id="zoom">
    <button id="in" title="Zoom in (+)">+</button>
    <button id="out" title="Zoom out (−)">−</button>
    <button id="fit" title="Show all of it (0)">⤢</button>
    </div>
    <aside>
    <h1 id="title"></h1>
    <p id="facts"></p>
    <label id="opacity">Labels <input type="range" id="strength" min="0" max="100"></label>
    <form id="names">
    <table>
    <thead><tr><th></th><th></th><th>name</th><th id="amount"></th></tr></thead>
    <tbody id="classes"></tbody>
    </table>
    <div id="actions">
    <button type="submit" id="save" disabled>Save names</button>
    <button type="button" id="done" title="Ends the program">Done</button>
    </div>
    <p id="said" role="status"></p>
    </form>
    </aside>
    <p id="place"></p>
    <p id="reading" hidden>reading …</p>
    <script src="map.js"></script>
    <script src="legend.js"></script>
    </body>
    </html>

    """
  )

  /// How the page looks.
  static let style = (
    type: "text/css; charset=utf-8",
    text: """
    * { box-sizing: border-box; margin: 0; }
    body { font: 14px/1.4 system-ui, sans-serif; color: #222; background: #e8e8e8; overflow: hidden; }
    canvas { position: fixed; inset: 0; width: 100vw; height: 100vh; cursor: grab; outline: none;
      touch-action: none; }
    canvas.moving { cursor: grabbing; }
    aside { position: fixed; top: 12px; right: 12px; width: 390px; max-height: calc(100vh - 24px);
      overflow: auto; padding: 14px; background: #fffffff2; border-radius: 6px;
      box-shadow: 0 1px 6px #0005; }
    h1 { font-size: 16px; overflow-wrap: anywhere; }
    #facts { color: #555; margin-bottom: 10px; }
    #opacity { display: flex; gap: 8px; align-items: center; margin-bottom: 8px; }
    #opacity input { flex: 1; }
    table { width: 100%; border-collapse: collapse; }
    th { font-weight: normal; color: #777; font-size: 12px; text-align: left; }
    td, th { padding: 2px 4px 2px 0; }
    th:last-child, td:last-child { text-align: right; padding-right: 0; white-space: nowrap;
      font-variant-numeric: tabular-nums; }
    tbody tr.pointed { background: #0000000f; }
    .swatch { display: block; width: 16px; height: 16px; border-radius: 3px;
      border: 1px solid #0003; }
    td input[type=text] { width: 100%; font: inherit; padding: 2px 4px; border: 1px solid #bbb;
      border-radius: 3px; background: white; color: inherit; }
    td input.changed { border-color: #0072b2; box-shadow: 0 0 0 1px #0072b2; }
    #actions { display: flex; gap: 8px; margin-top: 10px; }
    button { font: inherit; padding: 4px 12px; border: 1px solid #999; border-radius: 4px;
      background: #f4f4f4; color: #222; cursor: pointer; }
    button:disabled { color: #aaa; border-color: #ccc; cursor: default; }
    #save:not(:disabled) { background: #0072b2; border-color: #0072b2; color: white; }
    #said { margin-top: 8px; min-height: 1.4em; overflow-wrap: anywhere; }
    #said.failed { color: #b00020; }
    #zoom { position: fixed; top: 12px; left: 12px; display: flex; flex-direction: column; gap: 4px; }
    #zoom button { width: 34px; padding: 4px 0; font-size: 16px; }
    #place { position: fixed; left: 12px; bottom: 12px; padding: 3px 8px; background: #ffffffe6;
      border-radius: 4px; font-variant-numeric: tabular-nums; }
    #place:empty { display: none; }
    #reading { position: fixed; left: 60px; top: 12px; padding: 3px 8px; background: #ffffffe6;
      border-radius: 4px; }
    [hidden] { display: none !important; }

    """
  )
}
