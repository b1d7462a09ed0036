internal import Foundation
internal import Tensor

/// A made-up aerial photograph with its truth: a town on a river, in red, green, blue and
/// near-infrared, of roads, roofs, grass, trees and water.
///
/// Every pixel of it is a function of the seed. The light changes across the scene, surfaces are
/// mottled, and there is sensor noise, so that single pixels of different classes often have the
/// same colour; what tells the classes apart is texture and surroundings: tiles on roofs, crowns
/// of trees, the grain of lawns and of asphalt, ripples on water.
public struct DemoScene: Sendable {
  /// What a pixel shows; the raw value is its number in ``truth``.
  public enum Class: UInt8, CaseIterable, Sendable {
    case road = 1
    case roof = 2
    case grass = 3
    case tree = 4
    case water = 5

    /// The class's name as it stands in a legend.
    public var name: String {
      switch self {
      case .road: "road"
      case .roof: "roof"
      case .grass: "grass"
      case .tree: "tree"
      case .water: "water"
      }
    }

    /// The class's colour in a legend: red, green, blue.
    public var colour: (red: UInt8, green: UInt8, blue: UInt8) {
      switch self {
      case .road: (120, 120, 125)
      case .roof: (200, 80, 60)
      case .grass: (160, 200, 90)
      case .tree: (30, 110, 50)
      case .water: (60, 120, 200)
      }
    }
  }

  /// Values a pixel: red, green, blue, near-infrared.
  public static let bandCount = 4
  /// The side of the whole scene, in pixels.
  public static let fullSize = 1024

  /// Pixels a side.
  public let size: Int
  /// [size, size, 4], row-major: red, green, blue, near-infrared.
  public let values: [UInt8]
  /// [size, size]: the raw value of each pixel's ``Class``.
  public let truth: [UInt8]

  /// Makes the scene of a seed, or a piece of it at its right edge, by the lake, if `size` is less
  /// than ``fullSize``.
  ///
  /// Traps unless `size` is 1 to ``fullSize``.
  public init(size: Int = DemoScene.fullSize, seed: UInt64) {
    precondition((1...Self.fullSize).contains(size), "a scene of \(size) pixels a side")
    var generator = SeededGenerator(seed: seed)
    let layout = DemoLayout(using: &generator)
    let surfaces = DemoSurfaces(layout: layout, using: &generator)
    let first = (column: Self.fullSize - size, row: (Self.fullSize - size) * 5 / 8)
    var values: [UInt8] = []
    var truth: [UInt8] = []
    values.reserveCapacity(size * size * Self.bandCount)
    truth.reserveCapacity(size * size)
    for row in first.row..<first.row + size {
      for column in first.column..<first.column + size {
        let light = surfaces.reflectedLight(column: column, row: row)
        for band in 0..<Self.bandCount {
          let value = light[band] + (band == 3 ? 10 : 6) * generator.normal()
          values.append(UInt8(min(max(value, 0), 255).rounded()))
        }
        truth.append(layout[column, row].rawValue)
      }
    }
    self.size = size
    self.values = values
    self.truth = truth
  }
}
