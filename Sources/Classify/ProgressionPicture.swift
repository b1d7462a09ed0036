internal import Foundation
public import IIC
public import Raster
public import Tensor

/// A picture of how sure a network is of its clusters (paper, figure 3): every image is a point,
/// placed by its soft assignment Σₖ pₖ · vₖ between the clusters' corners vₖ on a circle, and the
/// mean of each cluster's images stands at its corner. What is certain lies at a corner, what is
/// undecided in the middle.
///
/// n images, k clusters, h rows, w columns, c channels (NHWC).
public struct ProgressionPicture: Sendable {
  /// How many clusters there are, k.
  public let clusters: Int
  /// The images' places in the picture's own frame, x to the right and y down, in −1…1, the corners
  /// on the unit circle, cluster 0 at the top, clockwise.
  public private(set) var places: [(x: Float, y: Float)] = []
  /// The class of each image, which chooses its colour; nil where they have none.
  public private(set) var labels: [UInt8]?
  /// Sums of the scoring views whose most probable cluster it is, [h, w, c] a cluster.
  private var sums: [[Double]]
  private var counts: [Int]
  private let viewSide: Int
  private var viewChannels = 1

  private let corners: [(x: Float, y: Float)]

  /// Places a set of images by what a sub-head makes of their scoring views.
  ///
  /// - Parameters:
  ///   - name: what to call the images in errors.
  ///   - batchSize: images that go through the network at once.
  /// - Throws: ``ClassifyError`` where an image is smaller than the views' crops. Traps if there is
  ///   no such head or sub-head.
  public init(
    of images: ImageSet, named name: String, by network: ClusterNetwork,
    head: HeadName = .clustering, subHead: Int, views: some ScoringViews, batchSize: Int,
    on workers: Workers
  ) throws {
    self.init(clusters: network.clusters(of: head), viewSide: views.inputSize)
    labels = images.labels
    let batches = try ImageBatches(
      images, named: name, views: views, size: batchSize, threads: workers.threads)
    while let batch = try batches.next() {
      include(
        network.probabilities(batch.views, head: head, subHead: subHead, on: workers),
        of: batch.views)
    }
  }

  /// A picture of soft assignments [n, k] and the views [n, h, w, c] in 0…1 that they are of, h and
  /// w equal, c 1 or 3; with labels, one an image. Traps where the shapes do not fit.
  public init(probabilities: Tensor, views: Tensor, labels: [UInt8]?) {
    precondition(
      probabilities.shape.count == 2 && views.shape.count == 4
        && views.shape[0] == probabilities.shape[0] && views.shape[1] == views.shape[2]
        && labels.map { $0.count == views.shape[0] } ?? true,
      "assignments \(probabilities.shape) of views \(views.shape)")
    self.init(clusters: probabilities.shape[1], viewSide: views.shape[1])
    self.labels = labels
    include(probabilities, of: views)
  }

  private init(clusters: Int, viewSide: Int) {
    self.clusters = clusters
    self.viewSide = viewSide
    corners = (0..<clusters).map { cluster in
      let angle = 2 * Double.pi * Double(cluster) / Double(clusters)
      return (Float(sin(angle)), Float(-cos(angle)))
    }
    sums = Array(repeating: [], count: clusters)
    counts = Array(repeating: 0, count: clusters)
  }

  private mutating func include(_ probabilities: Tensor, of views: Tensor) {
    viewChannels = views.shape[3]
    precondition(
      viewChannels == 1 || viewChannels == 3, "views of \(viewChannels) channels")
    let size = viewSide * viewSide * viewChannels
    let likeliest = probabilities.likeliest()
    probabilities.withSpan { assignments in
      views.withSpan { values in
        for image in 0..<likeliest.count {
          var place: (x: Float, y: Float) = (0, 0)
          for cluster in 0..<clusters {
            let probability = assignments[image * clusters + cluster]
            place.x += probability * corners[cluster].x
            place.y += probability * corners[cluster].y
          }
          let isFinite = place.x.isFinite && place.y.isFinite
          places.append(isFinite ? place : (0, 0))
          let cluster = likeliest[image]
          counts[cluster] += 1
          if sums[cluster].isEmpty { sums[cluster] = [Double](repeating: 0, count: size) }
          for index in 0..<size { sums[cluster][index] += Double(values[image * size + index]) }
        }
      }
    }
  }

  /// The mean of the views whose most probable cluster it is; nil where there is none.
  public func average(ofCluster cluster: Int) -> ByteImage? {
    guard counts[cluster] > 0 else { return nil }
    let scale = 255 / Double(counts[cluster])
    return ByteImage(
      width: viewSide, height: viewSide, channels: viewChannels,
      pixels: sums[cluster].map { UInt8(min(max($0 * scale, 0), 255).rounded()) })
  }

  /// The picture, a square of `side` pixels in RGB. Traps on fewer than 100.
  public func drawn(side: Int = 900) -> PNGImage {
    precondition(side >= 100, "a picture of \(side) pixels")
    var canvas = Canvas(side: side)
    let middle = Float(side) / 2
    // Averages stand outside the circle of corners, as large as there is room between neighbours.
    let rim = 0.435 * Float(side)
    let room = 2 * Float.pi * rim / Float(clusters) * 0.86
    let averageSide = max(4, Int(min(0.115 * Float(side), room)))
    let radius = rim - 0.72 * Float(averageSide) - 0.01 * Float(side)
    canvas.circle(radius: radius)
    let colours = ClassPalette.colours(count: min(1 + Int(labels?.max() ?? 0), 255))
    for (index, place) in places.enumerated() {
      let colour = labels.map { colours[Int($0[index]) % colours.count] } ?? Canvas.unlabelled
      canvas.dot(x: middle + radius * place.x, y: middle + radius * place.y, colour)
    }
    for (cluster, corner) in corners.enumerated() {
      guard let average = average(ofCluster: cluster) else { continue }
      canvas.paste(
        average.inColour().resized(width: averageSide, height: averageSide),
        x: Int(middle + rim * corner.x) - averageSide / 2,
        y: Int(middle + rim * corner.y) - averageSide / 2)
    }
    return canvas.picture
  }
}

/// White paper to draw on.
private struct Canvas {
  static let unlabelled = RGBColour(red: 60, green: 70, blue: 85)
  private static let line = RGBColour(red: 205, green: 208, blue: 212)

  let side: Int
  private var pixels: [UInt8]

  init(side: Int) {
    self.side = side
    pixels = [UInt8](repeating: 255, count: side * side * 3)
  }

  var picture: PNGImage { PNGImage(width: side, height: side, channels: 3, pixels: pixels) }

  /// A thin circle about the middle.
  mutating func circle(radius: Float) {
    let steps = 8 * side
    let middle = Float(side) / 2
    for step in 0..<steps {
      let angle = 2 * Float.pi * Float(step) / Float(steps)
      blend(
        Int(middle + radius * cos(angle)), Int(middle + radius * sin(angle)), Self.line, 1)
    }
  }

  /// A point a little over two pixels wide, which lets what lies below show through.
  mutating func dot(x: Float, y: Float, _ colour: RGBColour) {
    let radius: Float = 1.3
    for row in Int(y - radius - 1)...Int(y + radius + 1) {
      for column in Int(x - radius - 1)...Int(x + radius + 1) {
        let (dx, dy) = (Float(column) + 0.5 - x, Float(row) + 0.5 - y)
        let cover = min(max(radius + 0.5 - (dx * dx + dy * dy).squareRoot(), 0), 1)
        if cover > 0 { blend(column, row, colour, 0.6 * cover) }
      }
    }
  }

  mutating func paste(_ image: ByteImage, x: Int, y: Int) {
    for row in 0..<image.height {
      for column in 0..<image.width {
        let from = (row * image.width + column) * 3
        blend(
          x + column, y + row,
          RGBColour(
            red: image.pixels[from], green: image.pixels[from + 1], blue: image.pixels[from + 2]),
          1)
      }
    }
  }

  private mutating func blend(_ column: Int, _ row: Int, _ colour: RGBColour, _ share: Float) {
    guard (0..<side).contains(column), (0..<side).contains(row) else { return }
    let at = (row * side + column) * 3
    func mixed(_ old: UInt8, _ new: UInt8) -> UInt8 {
      UInt8((Float(old) + share * (Float(new) - Float(old))).rounded())
    }
    pixels[at] = mixed(pixels[at], colour.red)
    pixels[at + 1] = mixed(pixels[at + 1], colour.green)
    pixels[at + 2] = mixed(pixels[at + 2], colour.blue)
  }
}
