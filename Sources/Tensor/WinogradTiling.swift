import Kernels

/// How a convolution's outputs are covered with a scheme's tiles, those of one view after those of
/// another, and how many of them go through the products at once.
struct WinogradTiling {
  let scheme: WinogradScheme
  /// What the kernels are told.
  let geometry: kernels_winograd
  /// Tiles of all views.
  let tiles: Int
  /// The tiles of each view.
  private let views: [Range<Int>]
  let inputChannels: Int
  let outputChannels: Int

  /// The tiling of several views' outputs, which differ in their number of images alone.
  init(
    _ convolution: Convolution, scheme: WinogradScheme, inputShapes: [[Int]], outputShapes: [[Int]]
  ) {
    let (inputShape, outputShape) = (inputShapes[0], outputShapes[0])
    precondition(
      inputShapes.allSatisfy { $0.dropFirst() == inputShape.dropFirst() },
      "views of \(inputShapes) in one convolution")
    self.scheme = scheme
    inputChannels = convolution.inputChannels
    outputChannels = convolution.outputChannels
    let rows = scheme.tiles(along: outputShape[1], dilation: convolution.dilation)
    let columns = scheme.tiles(along: outputShape[2], dilation: convolution.dilation)
    var views: [Range<Int>] = []
    for shape in inputShapes {
      let start = views.last?.upperBound ?? 0
      views.append(start..<start + shape[0] * rows * columns)
    }
    self.views = views
    tiles = views.last?.upperBound ?? 0
    // The whole map's one tile begins at its first pixel: the padding is in the scheme.
    let padding = scheme == .whole3x5 ? 0 : convolution.padding
    geometry = kernels_winograd(
      scheme: scheme.number, outputs: scheme.outputs, padding: padding,
      dilation: convolution.dilation, input_height: inputShape[1], input_width: inputShape[2],
      input_channels: inputChannels, output_height: outputShape[1],
      output_width: outputShape[2], output_channels: outputChannels, tile_rows: rows,
      tile_columns: columns)
  }

  /// Calls `body` for each view that has tiles in the range: with its number, with what takes the
  /// number of a tile to that among its own, and with its part of the range.
  func forEachView(
    in range: Range<Int>, _ body: (_ view: Int, _ first: Int, _ range: Range<Int>) -> Void
  ) {
    for (number, view) in views.enumerated() {
      let part = range.clamped(to: view)
      if !part.isEmpty { body(number, -view.lowerBound, part) }
    }
  }

  /// The mean of each channel over a tile's pixels in an output.
  func mean(ofTile tile: Int, _ output: UnsafePointer<Float>) -> [Float] {
    let (image, rest) = tile.quotientAndRemainder(
      dividingBy: geometry.tile_rows * geometry.tile_columns)
    let (row, column) = rest.quotientAndRemainder(dividingBy: geometry.tile_columns)
    let (height, width) = (geometry.output_height, geometry.output_width)
    func places(_ start: Int, along extent: Int) -> some Sequence<Int> {
      (0..<scheme.outputs).lazy.map { start + $0 * geometry.dilation }.filter { $0 < extent }
    }
    var sum = [Double](repeating: 0, count: outputChannels)
    var count = 0.0
    for y in places(start(ofTile: row, along: height), along: height) {
      for x in places(start(ofTile: column, along: width), along: width) {
        let pixel = output + ((image * height + y) * width + x) * outputChannels
        for channel in sum.indices { sum[channel] += Double(pixel[channel]) }
        count += 1
      }
    }
    return sum.map { Float($0 / count) }
  }

  private func start(ofTile index: Int, along extent: Int) -> Int {
    var index = index
    for phase in 0..<geometry.dilation {
      let pixels = (extent - phase + geometry.dilation - 1) / geometry.dilation
      let tiles = (pixels + scheme.outputs - 1) / scheme.outputs
      if index < tiles { return phase + index * scheme.outputs * geometry.dilation }
      index -= tiles
    }
    preconditionFailure("tile \(index) beyond an extent of \(extent)")
  }

  /// Channels of a row of input points: rounded up to whole vectors.
  var inputRow: Int { (inputChannels + 15) / 16 * 16 }
  /// Channels of the rows of a tile's output points.
  var outputRow: Int { (outputChannels + 15) / 16 * 16 }

  /// Distances between points for blocks of so many tiles. The odd vector keeps the points of one
  /// tile, which are written together, from falling into the same few places of the cache.
  func strides(block: Int) -> (input: Int, output: Int) {
    (block * inputRow + 16, block * outputRow + 16)
  }

  /// Elements of the input's and output's points of a block.
  func scratch(block: Int) -> Int {
    let strides = strides(block: block)
    return scheme.points * (strides.input + strides.output)
  }

  /// Bytes of the weights' points.
  private var weightBytes: Int { scheme.points * inputChannels * outputRow * 4 }

  /// How the forward pass is divided among the workers.
  enum Division {
    /// Each takes blocks of its own through the points of the whole weight.
    case blocks
    /// Each takes some points of every block, so that points which no cache holds are read by one
    /// of them only.
    case points
    /// Each takes output channels of its own of the one block that there is, and makes the points of
    /// its part of the weight where it uses them.
    case weightParts
  }

  /// The division that is fastest: where the weight's points are many, and few tiles meet them, to
  /// write those and read them again takes longer than to make them; where the tiles are too few to
  /// be divided, the channels are.
  func division(threads: Int) -> Division {
    let outgrowsCache = weightBytes > 12 << 20
    if tiles <= mostSharedTiles && (outgrowsCache || threads > 1 && tiles < 28 * threads) {
      return .weightParts
    }
    return outgrowsCache && threads > 1 ? .points : .blocks
  }

  /// Tiles of a block of the forward pass: the points of a block stay in the second-level cache
  /// while the weight's points fit the third; where those are too large, larger blocks read them
  /// less often.
  func forwardBlock(_ division: Division, threads: Int) -> Int {
    switch division {
    case .weightParts: return tiles
    case .points: return min(mostSharedTiles, max(tiles, 1))
    case .blocks:
      let perTile = scheme.points * (inputRow + outputRow) * 4
      let most = max(28, (weightBytes > 2 << 20 ? 4 << 20 : 1 << 20) / perTile)
      return evenBlock(atMost: most, workers: threads)
    }
  }

  /// Whether, for the weight's gradient, the workers share each block: not where there are so few
  /// channels that each can add up a gradient of its own.
  func sharesGradientBlocks(threads: Int) -> Bool {
    threads > 1 && inputChannels * outputChannels > 128 * 128
  }

  /// Whether the weight's gradient is made a part at a time, rather than all its points: where the
  /// channels are many, and one block of tiles that the third-level cache holds is all there is.
  var makesGradientParts: Bool {
    inputChannels * outputChannels > 128 * 128 && tiles <= mostSharedTiles
  }

  /// Tiles of a block of the weight's gradient: so many that adding to the gradient's points costs
  /// little beside the products, and as many blocks for each worker where they are not shared.
  func gradientBlock(threads: Int) -> Int {
    if makesGradientParts { return tiles }
    let wanted = 4 * inputChannels * outputChannels / (inputChannels + outputChannels)
    let sharing = sharesGradientBlocks(threads: threads) ? 1 : threads
    return evenBlock(atMost: max(168, wanted), workers: sharing)
  }

  /// Tiles of the blocks, no more than `most` each, of which every one of so many workers has as
  /// many.
  private func evenBlock(atMost most: Int, workers: Int) -> Int {
    let perWorker = max(1, (tiles + workers - 1) / workers)
    let blocks = (perWorker + most - 1) / most
    return (perWorker + blocks - 1) / blocks
  }

  /// Tiles of a block that the workers share: their points fill most of the third-level cache.
  private var mostSharedTiles: Int {
    max(28, (20 << 20) / (scheme.points * (inputRow + outputRow) * 4))
  }
}
