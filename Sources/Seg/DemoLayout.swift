internal import Foundation
internal import Tensor

/// Where things are in the demo scene: streets of a bent grid, blocks of houses or of park between
/// them, a river with bridges, and a lake. In pixels of the whole scene.
struct DemoLayout: Sendable {
  /// A house's roof: a rectangle, its long axis at `angle` to the rows.
  struct Roof: Sendable {
    var x: Float
    var y: Float
    var halfLength: Float
    var halfWidth: Float
    var angle: Float
    /// Index of its covering.
    var covering: Int

    /// Where a point lies along and across the roof, from its middle.
    func coordinates(x pointX: Float, y pointY: Float) -> (along: Float, across: Float) {
      let (dx, dy) = (pointX - x, pointY - y)
      return (dx * cos(angle) + dy * sin(angle), dy * cos(angle) - dx * sin(angle))
    }

    func contains(x: Float, y: Float) -> Bool {
      let place = coordinates(x: x, y: y)
      return abs(place.along) <= halfLength && abs(place.across) <= halfWidth
    }
  }

  static let coverings = 5

  private(set) var classes: [DemoScene.Class]
  private(set) var roofs: [Roof] = []
  /// The roof each pixel shows, where it shows one; -1 elsewhere.
  private(set) var roofIndices: [Int16]

  private let noise: LatticeNoise
  private let size = DemoScene.fullSize
  private let blockSide: Float = 240

  init(using generator: inout SeededGenerator) {
    noise = LatticeNoise(seed: generator.next())
    classes = [DemoScene.Class](repeating: .grass, count: size * size)
    roofIndices = [Int16](repeating: -1, count: size * size)
    for row in 0..<size {
      for column in 0..<size {
        classes[row * size + column] = ground(Float(column), Float(row))
      }
    }
    placeRoofs(using: &generator)
  }

  subscript(column: Int, row: Int) -> DemoScene.Class { classes[row * size + column] }

  /// The roof at a pixel, if it shows one.
  func roof(column: Int, row: Int) -> Roof? {
    let index = roofIndices[row * size + column]
    return index < 0 ? nil : roofs[Int(index)]
  }

  /// Whether a roof's or a crown's shade could fall here: the sun stands in the upper left.
  func isRoofShaded(column: Int, row: Int) -> Bool {
    let from = (column: column - 6, row: row - 5)
    guard from.column >= 0, from.row >= 0 else { return false }
    return classes[row * size + column] != .roof
      && roofIndices[from.row * size + from.column] >= 0
  }

  /// A point in the streets' own frame, where they are straight.
  func street(_ x: Float, _ y: Float) -> (u: Float, v: Float) {
    (
      x + 34 * noise.field(x, y, size: 330, channel: 10),
      y + 34 * noise.field(x, y, size: 330, channel: 11)
    )
  }

  /// Distance to the nearest street's middle along one axis of the streets' frame, and its
  /// number.
  private func nearestStreet(_ u: Float) -> (distance: Float, number: Int) {
    let number = ((u - 70) / blockSide).rounded()
    return (abs(u - 70 - number * blockSide), Int(number))
  }

  /// Every third street is wide and crosses the water.
  private func isAvenue(_ number: Int) -> Bool { (number % 3 + 3) % 3 == 1 }

  private func halfWidth(ofStreet number: Int) -> Float {
    isAvenue(number) ? 22 : 17
  }

  /// Whether a point of a street is on the dashed line in its middle, away from crossings.
  func isLaneMarking(_ x: Float, _ y: Float) -> Bool {
    let (u, v) = street(x, y)
    let across = nearestStreet(u)
    let down = nearestStreet(v)
    func isDash(_ line: (distance: Float, number: Int), along: Float, crossing: Float) -> Bool {
      line.distance < 0.9 && crossing > 22 && Int((along / 9).rounded(.down)) % 2 == 0
    }
    return isDash(across, along: v, crossing: down.distance)
      || isDash(down, along: u, crossing: across.distance)
  }

  /// What the ground shows before houses stand on it.
  private func ground(_ x: Float, _ y: Float) -> DemoScene.Class {
    let (u, v) = street(x, y)
    let (across, column) = nearestStreet(u)
    let (down, row) = nearestStreet(v)
    let onColumn = across < halfWidth(ofStreet: column)
    let onRow = down < halfWidth(ofStreet: row)
    if isWater(x, y) { return onRow && isAvenue(row) ? .road : .water }
    if onColumn || onRow { return .road }
    return isWood(x, y, block: block(u, v)) ? .tree : .grass
  }

  private func isWater(_ x: Float, _ y: Float) -> Bool {
    let bank = 14 * noise.ragged(x, y, size: 60, channel: 20)
    let middle = 395 + 70 * sin(y / 170 + 1) + 40 * noise.field(0, y, size: 260, channel: 23)
    let river = abs(x - middle) - (62 + 14 * noise.field(0, y, size: 150, channel: 24))
    let lake = hypot((x - 790) / 1.25, y - 730) - 118
    return min(river, lake) + bank < 0
  }

  /// The block a point of the streets' frame lies in.
  private func block(_ u: Float, _ v: Float) -> (column: Int, row: Int) {
    (Int(((u - 70) / blockSide).rounded(.down)), Int(((v - 70) / blockSide).rounded(.down)))
  }

  /// Whether a block has houses; the others are park.
  private func isBuilt(_ block: (column: Int, row: Int)) -> Bool {
    noise.uniform(block.column, block.row, channel: 30) < 0.6
  }

  private func isWood(_ x: Float, _ y: Float, block: (column: Int, row: Int)) -> Bool {
    noise.ragged(x, y, size: 240, channel: 40) > (isBuilt(block) ? 0.3 : -0.3)
  }

  /// Sets halls and houses into the built blocks, each turned a little. Nothing is built on
  /// streets or water: what does not fit is tried smaller.
  private mutating func placeRoofs(using generator: inout SeededGenerator) {
    let blocks = Int(Float(size) / blockSide) + 2
    for row in -1..<blocks {
      for column in -1..<blocks where isBuilt((column, row)) {
        for lot in drawLots(using: &generator) {
          let u = 70 + blockSide * (Float(column) + lot.across)
          let v = 70 + blockSide * (Float(row) + lot.down)
          let shift = street(u, v)
          let slope = (street(u + 20, v).v - shift.v) / 20
          var roof = Roof(
            x: 2 * u - shift.u + generator.uniform(-3...3),
            y: 2 * v - shift.v + generator.uniform(-3...3),
            halfLength: lot.halfLength, halfWidth: lot.halfWidth,
            angle: lot.angle - atan(slope) + generator.uniform(-0.06...0.06),
            covering: Int(generator.uniform(0...0.9999) * Float(Self.coverings)))
          for _ in 0..<3 where !place(roof) {
            roof.halfLength *= 0.87
            roof.halfWidth *= 0.87
          }
        }
      }
    }
  }

  /// A place for a roof in a block, as parts of the block's side.
  private struct Lot {
    var across: Float
    var down: Float
    var halfLength: Float
    var halfWidth: Float
    var angle: Float
  }

  /// Two long halls beside each other, or four houses of which some blocks' stand at an angle.
  private func drawLots(using generator: inout SeededGenerator) -> [Lot] {
    let quarterTurn: Float = .pi / 2
    if generator.uniform(0...1) < 0.45 {
      let stand = generator.uniform(0...1) < 0.5
      return [Float(0.28), 0.74].map { place in
        Lot(
          across: stand ? place : 0.51, down: stand ? 0.51 : place,
          halfLength: generator.uniform(70...84), halfWidth: generator.uniform(29...36),
          angle: stand ? quarterTurn : 0)
      }
    }
    let turn = generator.uniform(0...1) < 0.3 ? generator.uniform(0.3...1.2) : 0
    return (0..<4).map { corner in
      Lot(
        across: corner % 2 == 0 ? 0.28 : 0.74, down: corner / 2 == 0 ? 0.28 : 0.74,
        halfLength: generator.uniform(34...39), halfWidth: generator.uniform(29...34),
        angle: turn + (generator.uniform(0...1) < 0.5 ? 0 : quarterTurn))
    }
  }

  /// Whether the roof found room.
  private mutating func place(_ roof: Roof) -> Bool {
    let reach = roof.halfLength + roof.halfWidth
    let columns = Int(roof.x - reach)..<Int(roof.x + reach) + 1
    let rows = Int(roof.y - reach)..<Int(roof.y + reach) + 1
    var covered: [Int] = []
    for row in rows.clamped(to: 0..<size) {
      for column in columns.clamped(to: 0..<size)
      where roof.contains(x: Float(column), y: Float(row)) {
        covered.append(row * size + column)
      }
    }
    guard covered.allSatisfy({ classes[$0] == .grass || classes[$0] == .tree }) else {
      return false
    }
    for pixel in covered {
      classes[pixel] = .roof
      roofIndices[pixel] = Int16(roofs.count)
    }
    roofs.append(roof)
    return true
  }
}
