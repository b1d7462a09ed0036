/// Smooth random fields over the plane, each value computed where it is asked for: random numbers
/// at the points of a square lattice, blended between them.
struct LatticeNoise: Sendable {
  private let seed: UInt64

  init(seed: UInt64) { self.seed = seed }

  /// A number of the lattice point, evenly distributed over 0..<1; the same whenever asked.
  func uniform(_ column: Int, _ row: Int, channel: UInt64 = 0) -> Float {
    var mixed =
      seed ^ (UInt64(bitPattern: Int64(column)) &* 0x9E37_79B9_7F4A_7C15)
      ^ (UInt64(bitPattern: Int64(row)) &* 0xC2B2_AE3D_27D4_EB4F)
      ^ (channel &* 0x1656_67B1_9E37_79F9)
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Float((mixed ^ (mixed >> 31)) >> 40) * 0x1p-24
  }

  /// A field in -1…1 whose bumps are `size` pixels apart.
  func field(_ x: Float, _ y: Float, size: Float, channel: UInt64 = 0) -> Float {
    let u = x / size
    let v = y / size
    let column = u.rounded(.down)
    let row = v.rounded(.down)
    func eased(_ t: Float) -> Float { t * t * (3 - 2 * t) }
    let right = eased(u - column)
    let lower = eased(v - row)
    let (i, j) = (Int(column), Int(row))
    let upper =
      uniform(i, j, channel: channel) * (1 - right) + uniform(i + 1, j, channel: channel) * right
    let below =
      uniform(i, j + 1, channel: channel) * (1 - right)
      + uniform(i + 1, j + 1, channel: channel) * right
    return 2 * (upper * (1 - lower) + below * lower) - 1
  }

  /// Three fields of falling size and strength in one, in -1…1: a ragged, natural outline.
  func ragged(_ x: Float, _ y: Float, size: Float, channel: UInt64 = 0) -> Float {
    (field(x, y, size: size, channel: channel)
      + 0.5 * field(x, y, size: size / 2, channel: channel + 1)
      + 0.25 * field(x, y, size: size / 4, channel: channel + 2)) / 1.75
  }
}
