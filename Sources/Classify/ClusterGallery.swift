internal import Foundation

/// A page to look at clusters by: for each its size, its most certain and its least certain images.
/// One file that needs no other: style and pictures are inside.
public struct ClusterGallery: Sendable {
  /// What the page says beside the clusters.
  public struct Caption: Sendable, Equatable {
    /// The heading.
    public var title: String
    /// Lines below it.
    public var lines: [String]

    /// A heading and lines, as plain text.
    public init(title: String, lines: [String]) {
      self.title = title
      self.lines = lines
    }
  }

  private let selection: GallerySelection
  private let thumbnails: [String: Thumbnail]
  private let caption: Caption

  /// A gallery of what was selected, with the thumbnails that there are.
  public init(_ selection: GallerySelection, thumbnails: [String: Thumbnail], caption: Caption) {
    self.selection = selection
    self.thumbnails = thumbnails
    self.caption = caption
  }

  /// The page, in UTF-8.
  public var html: [UInt8] {
    var bytes = Array(head.utf8)
    for cluster in selection.clusters where cluster.size > 0 {
      bytes += Array(section(cluster).utf8)
    }
    let empty = selection.clusters.filter { $0.size == 0 }.map { "\($0.cluster + 1)" }
    if !empty.isEmpty {
      bytes += Array(
        "<p class=\"empty\">Without images: \(empty.joined(separator: ", ")).</p>\n".utf8)
    }
    return bytes + Array("</main>\n</body>\n</html>\n".utf8)
  }

  private var head: String {
    let largest = selection.clusters.map(\.size).max() ?? 0
    let links = selection.clusters.map { cluster in
      let share = largest > 0 ? 100 * Double(cluster.size) / Double(largest) : 0
      let content =
        "<b>\(cluster.cluster + 1)</b><span>\(cluster.size)</span>"
        + "<i style=\"width:\(Self.decimal(share, places: 1))%\"></i>"
      return cluster.size > 0
        ? "<a href=\"#cluster-\(cluster.cluster + 1)\">\(content)</a>"
        : "<a class=\"none\">\(content)</a>"
    }
    let title = Self.escaped(caption.title)
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title)</title>
      <style>
      \(Self.style)
      </style>
      </head>
      <body>
      <header>
      <h1>\(title)</h1>
      \(caption.lines.map { "<p>\(Self.escaped($0))</p>" }.joined(separator: "\n"))
      <nav>\(links.joined())</nav>
      </header>
      <main>

      """
  }

  private func section(_ cluster: GallerySelection.Cluster) -> String {
    let number = cluster.cluster + 1
    let images = cluster.size == 1 ? "1 image" : "\(cluster.size) images"
    let mean = cluster.meanProbability.map {
      ", mean probability \(Self.decimal($0, places: 3))"
    }
    let heading = cluster.name.map { "\(number): \(Self.escaped($0))" } ?? "Cluster \(number)"
    var text = """
      <section id="cluster-\(number)">
      <h2>\(heading) <small>\(images)\(mean ?? "")</small></h2>

      """
    let rows =
      cluster.leastCertain.isEmpty
      ? [("All, surest first", cluster.mostCertain)]
      : [("Most certain", cluster.mostCertain), ("Least certain", cluster.leastCertain)]
    for (heading, assignments) in rows {
      text += "<h3>\(heading)</h3>\n<div class=\"row\">\n"
      for assignment in assignments { text += figure(assignment) }
      text += "</div>\n"
    }
    return text + "</section>\n"
  }

  private func figure(_ assignment: ImageClassification.Assignment) -> String {
    let probability = Self.decimal(Double(assignment.probability), places: 3)
    let path = Self.escaped(assignment.path)
    let name = Self.escaped(assignment.path.split(separator: "/").last.map(String.init) ?? "")
    guard let picture = thumbnails[assignment.path] else {
      return "<figure title=\"\(path)\"><span class=\"gone\">cannot be read any more</span>"
        + "<figcaption><b>\(probability)</b> <span>\(name)</span></figcaption></figure>\n"
    }
    let small = max(picture.width, picture.height) <= Self.pixelatedSide ? " class=\"small\"" : ""
    return "<figure title=\"\(path)\"><img\(small) src=\"\(picture.address)\" "
      + "width=\"\(picture.width)\" height=\"\(picture.height)\" alt=\"\(name)\">"
      + "<figcaption><b>\(probability)</b> <span>\(name)</span></figcaption></figure>\n"
  }

  /// Pictures this small are enlarged with their pixels showing, not blurred.
  private static let pixelatedSide = 64

  private static func decimal(_ value: Double, places: Int) -> String {
    String(format: "%.\(places)f", value)
  }

  /// A text as it may stand anywhere in the page. Control characters, which a path may hold, are
  /// shown as �.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default:
        let isControl =
          scalar.properties.generalCategory == .control
          || scalar.properties.generalCategory == .format
        result.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
      }
    }
    return result
  }

  private static let style = """
    :root { --page: #fbfaf8; --card: #ffffff; --ink: #1d2126; --soft: #666d76; --line: #e2e0da;
      --accent: #2b6cb0; --tile: #f1efea; }
    @media (prefers-color-scheme: dark) { :root { --page: #14171a; --card: #1c2024;
      --ink: #e8e6e1; --soft: #9aa2ab; --line: #2e343a; --accent: #6cb0f0; --tile: #262b30; } }
    * { box-sizing: border-box; }
    html { scroll-behavior: smooth; }
    body { margin: 0; background: var(--page); color: var(--ink);
      font: 15px/1.45 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
    header, main { max-width: 1500px; margin: 0 auto; padding: 0 24px; }
    header { padding-top: 32px; }
    h1 { margin: 0 0 6px; font-size: 26px; font-weight: 650; overflow-wrap: anywhere; }
    header p { margin: 2px 0; color: var(--soft); overflow-wrap: anywhere; }
    nav { display: grid; grid-template-columns: repeat(auto-fill, minmax(92px, 1fr)); gap: 6px;
      margin: 20px 0 24px; }
    nav a { position: relative; display: flex; justify-content: space-between; padding: 5px 9px 8px;
      border: 1px solid var(--line); border-radius: 7px; background: var(--card); color: inherit;
      text-decoration: none; overflow: hidden; font-variant-numeric: tabular-nums; }
    nav a:hover { border-color: var(--accent); }
    nav a.none { opacity: .45; }
    nav span { color: var(--soft); }
    nav i { position: absolute; left: 0; bottom: 0; height: 3px; background: var(--accent); }
    section { margin: 0 0 18px; padding: 16px 18px 6px; border: 1px solid var(--line);
      border-radius: 10px; background: var(--card); content-visibility: auto;
      contain-intrinsic-size: auto 420px; scroll-margin-top: 12px; }
    section:target { border-color: var(--accent); }
    h2 { margin: 0 0 8px; font-size: 18px; font-weight: 650; }
    h2 small { margin-left: 8px; color: var(--soft); font-weight: 400; font-size: 14px; }
    h3 { margin: 0 0 6px; color: var(--soft); font-size: 12px; font-weight: 600;
      letter-spacing: .04em; text-transform: uppercase; }
    .row { display: grid; grid-template-columns: repeat(12, minmax(0, 1fr)); gap: 10px;
      margin-bottom: 14px; }
    @media (max-width: 900px) { .row { grid-template-columns: repeat(6, minmax(0, 1fr)); } }
    @media (max-width: 480px) { .row { grid-template-columns: repeat(4, minmax(0, 1fr)); } }
    figure { margin: 0; min-width: 0; }
    img, .gone { display: block; width: 100%; height: auto; aspect-ratio: 1; object-fit: contain;
      border-radius: 6px; background: var(--tile); }
    img.small { image-rendering: pixelated; }
    .gone { display: grid; place-items: center; padding: 8px; color: var(--soft); font-size: 12px;
      text-align: center; }
    figcaption { display: flex; gap: 6px; padding-top: 3px; font-size: 12px; color: var(--soft); }
    figcaption b { color: var(--ink); font-weight: 600; font-variant-numeric: tabular-nums; }
    figcaption span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .empty { color: var(--soft); }
    @media print { section { break-inside: avoid; } nav { display: none; } }
    """
}
