internal import Foundation
internal import Tensor

/// What the demo scene's surfaces look like: colour, texture and light at every pixel.
struct DemoSurfaces: Sendable {
  private let layout: DemoLayout
  private let noise: LatticeNoise

  init(layout: DemoLayout, using generator: inout SeededGenerator) {
    self.layout = layout
    noise = LatticeNoise(seed: generator.next())
  }

  /// The light a pixel sends to the camera, 0…255: red, green, blue, near-infrared.
  func reflectedLight(column: Int, row: Int) -> SIMD4<Float> {
    let x = Float(column)
    let y = Float(row)
    var light: SIMD4<Float> =
      switch layout[column, row] {
      case .road: asphalt(x, y)
      case .roof: layout.roof(column: column, row: row).map { covering(of: $0, x, y) } ?? .zero
      case .grass: grass(x, y)
      case .tree: crowns(x, y)
      case .water: water(x, y)
      }
    if layout.isRoofShaded(column: column, row: row) { light *= [0.6, 0.63, 0.68, 0.6] }
    return light * illumination(x, y)
  }

  /// Evening light and thin cloud: brighter towards the lower left. Near-infrared passes through
  /// haze with less change.
  private func illumination(_ x: Float, _ y: Float) -> SIMD4<Float> {
    let size = Float(DemoScene.fullSize)
    let light = 0.16 * (y - x) / size + 0.06 * noise.field(x, y, size: 300, channel: 90)
    return 1 + light * [0.95, 1, 1.05, 0.2]
  }

  /// Asphalt of a coarse grain, worn here and there, and a dashed line in the middle of streets.
  private func asphalt(_ x: Float, _ y: Float) -> SIMD4<Float> {
    if layout.isLaneMarking(x, y) { return [175, 175, 170, 160] }
    let wear = noise.ragged(x, y, size: 50, channel: 1)
    let grain = 1 + 0.24 * noise.field(x, y, size: 2, channel: 5)
    return (SIMD4(114, 112, 110, 88) + wear * [12, 12, 12, 8]) * grain
  }

  /// Rows and columns of tiles on a gable, one side of it turned to the sun.
  private func covering(of roof: DemoLayout.Roof, _ x: Float, _ y: Float) -> SIMD4<Float> {
    let colours: [SIMD4<Float>] = [
      [134, 104, 90, 124], [122, 96, 84, 122], [144, 104, 86, 126], [138, 114, 100, 124],
      [118, 100, 94, 120],
    ]
    let place = roof.coordinates(x: x, y: y)
    let side: SIMD4<Float> = place.across < 0 ? [1.1, 1.1, 1.1, 1.02] : [0.9, 0.9, 0.9, 0.98]
    let rows = sin(place.across * 2 * .pi / 6) * (0.6 + 0.4 * sin(place.along * 2 * .pi / 7))
    let columns = sin(place.along * 2 * .pi / 7)
    let tiles = 1 + SIMD4<Float>(0.26, 0.26, 0.26, 0.3) * (rows + columns)
    return colours[roof.covering] * side * tiles
  }

  /// Lawn, dry in places, of a fine grain.
  private func grass(_ x: Float, _ y: Float) -> SIMD4<Float> {
    let dryness = 0.5 + 0.5 * noise.ragged(x, y, size: 120, channel: 10)
    let green = SIMD4<Float>(90, 114, 74, 200)
    let dry = SIMD4<Float>(104, 118, 80, 194)
    let grain =
      1 + 0.3 * noise.field(x, y, size: 2.5, channel: 15)
    return (green + dryness * (dry - green)) * grain
  }

  /// Round crowns, each lit from the upper left and dark between.
  private func crowns(_ x: Float, _ y: Float) -> SIMD4<Float> {
    let spacing: Float = 10
    let (i, j) = (Int((x / spacing).rounded(.down)), Int((y / spacing).rounded(.down)))
    var height: Float = 0
    var lit: Float = 0
    var kind: Float = 0
    for row in j - 1...j + 1 {
      for column in i - 1...i + 1 {
        let centreX =
          (Float(column) + 0.2 + 0.6 * noise.uniform(column, row, channel: 20)) * spacing
        let centreY = (Float(row) + 0.2 + 0.6 * noise.uniform(column, row, channel: 21)) * spacing
        let radius = 5 + 2.5 * noise.uniform(column, row, channel: 22)
        let (dx, dy) = ((x - centreX) / radius, (y - centreY) / radius)
        let crown = 1 - dx * dx - dy * dy
        if crown > height {
          height = crown
          lit = -(dx + dy) * 0.5
          kind = noise.uniform(column, row, channel: 23)
        }
      }
    }
    let shade = 0.42 + 0.62 * height + 0.44 * lit
    let colour = SIMD4<Float>(76, 98, 62, 158) + kind * SIMD4(26, 18, 14, 14)
    return colour * shade
  }

  /// Ripples over shallow and deep water.
  private func water(_ x: Float, _ y: Float) -> SIMD4<Float> {
    let depth = 0.5 + 0.5 * noise.ragged(x, y, size: 200, channel: 30)
    let bend = 3 * noise.field(x, y, size: 40, channel: 33)
    let ripples = sin((0.55 * x + 0.83 * y + bend) * 2 * .pi / 9)
    let shallow = SIMD4<Float>(70, 82, 88, 42)
    let deep = SIMD4<Float>(58, 72, 82, 32)
    return (shallow + depth * (deep - shallow))
      * (1 + SIMD4<Float>(0.24, 0.24, 0.24, 0.45) * ripples)
  }
}
