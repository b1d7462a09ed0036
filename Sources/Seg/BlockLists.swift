internal import Raster
internal import Tensor

/// Which block of a tile gets which name, and stands in which of the three lists.
struct BlockLists: Sendable {
  /// The name of each block, in the tiles' order and row by row: a permutation.
  let names: [Int]
  /// Names in the lists of ``Potsdam/lists``, in the blocks' order.
  let members: [[Int]]
  private let rows: [String]

  /// Draws names and lists. Throws where fewer blocks have labels than are to be drawn.
  init(of tiles: PotsdamTiles, seed: UInt64, path: String) throws {
    let perTile = tiles.blocksPerTile
    let count = tiles.tiles.count * perTile
    var generator = SeededGenerator(seed: seed)
    let names = Array(0..<count).shuffled(using: &generator)
    let labelled = (0..<count).filter { tiles.tiles[$0 / perTile].label != nil }
    // Rounded down, as published; at least one, or nothing could be scored.
    let testCount = max(count / 10, 1)
    guard labelled.count > testCount else {
      throw SegError(
        operation: "prepare", path: path,
        reason: "has labels for \(labelled.count) blocks of \(count), of which \(testCount) are "
          + "to be kept for scoring",
        remedy: "give more labels, or fewer images without")
    }
    let test = Set(labelled.shuffled(using: &generator).prefix(testCount))
    var members: [[Int]] = [[], [], []]
    var rows: [String] = []
    for index in 0..<count {
      let tile = tiles.tiles[index / perTile]
      let list = test.contains(index) ? 2 : tile.label != nil ? 1 : 0
      members[list].append(names[index])
      let place = index % perTile
      rows.append(
        "\(names[index]),\(tile.name),\(place / tiles.blockColumns),\(place % tiles.blockColumns),"
          + Potsdam.lists[list])
    }
    self.names = names
    self.members = members
    self.rows = rows
  }

  /// Writes `NAME.txt` of each list, a name a line, and `blocks.csv`.
  func write(to folder: OutputFolder) throws {
    for (list, names) in zip(Potsdam.lists, members) {
      try folder.write(names.map { "\($0)\n" }.joined(), to: "\(list).txt")
    }
    try folder.write(
      "name,tile,row,column,list\n" + rows.map { $0 + "\n" }.joined(), to: "blocks.csv")
  }
}
