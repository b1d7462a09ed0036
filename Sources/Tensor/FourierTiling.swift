/// How maps are cut into tiles whose correlation over a box of displacements is taken by Fourier
/// transform (overlap-save): a tile's own pixels of the first map meet, in the second, those within
/// the box's reach too.
struct FourierTiling: Sendable {
  /// Tiles along the rows or along the columns.
  struct Axis: Sendable {
    /// Pixels of the map.
    let extent: Int
    /// T, in pixels.
    let reach: Int
    /// Pixels of a tile; the last may have fewer.
    let step: Int
    let tiles: Int
    /// Numbers a transform: long enough that no displacement within reach comes round to another's
    /// place. A map in one piece has zeros on both sides already.
    let length: Int

    init(extent: Int, reach: Int, tiles: Int) {
      self.extent = extent
      self.reach = reach
      step = (extent + tiles - 1) / tiles
      self.tiles = (extent + step - 1) / step
      length = FourierTransform.length(
        atLeast: max(self.tiles == 1 ? extent + reach : step + 2 * reach, 2 * reach + 1))
    }

    /// Where a place of the transform lies, in pixels from the tile's first: the last `reach`
    /// places lie before it.
    func offset(of place: Int) -> Int { place < length - reach ? place : place - length }

    /// The place of an offset from −reach on.
    func place(of offset: Int) -> Int { offset < 0 ? offset + length : offset }

    /// Offsets of the tile's own pixels.
    func own(_ tile: Int) -> Range<Int> { 0..<min(step, extent - tile * step) }

    /// Offsets of the pixels that the tile's own meet.
    func met(_ tile: Int) -> Range<Int> {
      max(-reach, -tile * step)..<min(step + reach, extent - tile * step)
    }
  }

  /// A tile of one image, of both maps.
  struct Pair {
    let image: Int
    let row: Int
    let column: Int
  }

  let images: Int
  let clusters: Int
  let rows: Axis
  let columns: Axis

  init(images: Int, clusters: Int, rows: Axis, columns: Axis) {
    self.images = images
    self.clusters = clusters
    self.rows = rows
    self.columns = columns
  }

  /// The cheapest tiling of maps [n, h, w, k]: small tiles repeat much of each other's border,
  /// large ones have many frequencies, each with a joint of its own.
  init(images: Int, height: Int, width: Int, clusters: Int, reach: Int) {
    func axes(_ extent: Int) -> [Axis] {
      (1...max(1, min(16, extent / (2 * reach + 1)))).map {
        Axis(extent: extent, reach: reach, tiles: $0)
      }
    }
    let columns = axes(width)
    let candidates = axes(height).flatMap { rows in
      columns.map {
        FourierTiling(images: images, clusters: clusters, rows: rows, columns: $0)
      }
    }
    self = candidates.min { $0.cost < $1.cost }!
  }

  /// About how long forward and backward take one core, in nanoseconds.
  var cost: Double {
    let lanes = Double(FourierTransform.lanes)
    let frequencies = Double(rows.length * columns.length)
    let joint = Double(
      clusters * ((clusters + FourierTransform.lanes - 1) / FourierTransform.lanes))
    // The transforms of maps and of joints, and the products, at half the frequencies.
    return frequencies * (60 * Double(planes) / lanes + 15 * joint + 1.5 * joint * Double(pairs))
  }

  var pairs: Int { images * rows.tiles * columns.tiles }
  /// The pairs' clusters, each a plane of a transform.
  var planes: Int { pairs * clusters }
  /// Planes are transformed in groups of sixteen, the last of which may have some to spare.
  var groups: Int { (planes + FourierTransform.lanes - 1) / FourierTransform.lanes }

  func pair(_ number: Int) -> Pair {
    let (rest, column) = number.quotientAndRemainder(dividingBy: columns.tiles)
    let (image, row) = rest.quotientAndRemainder(dividingBy: rows.tiles)
    return Pair(image: image, row: row, column: column)
  }

  /// Calls `body` with each pair that has planes in a group: the pair, the first of its clusters
  /// there, how many there are, and the first one's lane.
  func forEachRun(
    ofGroup group: Int, _ body: (_ pair: Int, _ cluster: Int, _ count: Int, _ lane: Int) -> Void
  ) {
    var plane = group * FourierTransform.lanes
    let end = min(planes, plane + FourierTransform.lanes)
    while plane < end {
      let (pair, cluster) = plane.quotientAndRemainder(dividingBy: clusters)
      let count = min(clusters - cluster, end - plane)
      body(pair, cluster, count, plane % FourierTransform.lanes)
      plane += count
    }
  }
}
