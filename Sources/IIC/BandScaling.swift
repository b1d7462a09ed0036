/// How one raster band becomes one input of the network: input = (pixel − offset) / scale, cut to
/// ``limits(offset:scale:)``.
public struct BandScaling: Sendable, Equatable, Codable {
  /// The band's name, such as `red`.
  public let name: String
  /// In pixel units; finite.
  public let offset: Float
  /// In pixel units; neither zero nor subnormal, and finite. Negative turns the band round.
  public let scale: Float

  /// Throws an ``IICError`` for a number out of range or a name that is not a line of text.
  public init(name: String, offset: Float, scale: Float) throws {
    guard ModelClass.isLine(name) else {
      throw Self.refusal("a band's name \(IICError.quoted(name)) is not one short line of text")
    }
    guard offset.isFinite else {
      throw Self.refusal("the offset of the band \(IICError.quoted(name)) is not finite")
    }
    guard scale.isNormal else {
      throw Self.refusal("the scale of the band \(IICError.quoted(name)) is \(scale)")
    }
    self.name = name
    self.offset = offset
    self.scale = scale
  }

  /// Reads and checks `name`, `offset` and `scale`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      name: container.decode(String.self, forKey: .name),
      offset: container.decode(Float.self, forKey: .offset),
      scale: container.decode(Float.self, forKey: .scale))
  }

  /// The network's input for a pixel.
  public func input(of pixel: Float) -> Float {
    let limits = Self.limits(offset: offset, scale: scale)
    return min(max((pixel - offset) / scale, limits.lowerBound), limits.upperBound)
  }

  /// Where inputs end: ten times the stretch from 0 to 1 beyond it, so that a few absurd pixels, such
  /// as an undeclared −1e30, spoil neither learning nor their surroundings. A network that takes
  /// pixels as they are (offset 0, scale 1) gets all of them.
  public static func limits(offset: Float, scale: Float) -> ClosedRange<Float> {
    offset == 0 && scale == 1
      ? -Float.greatestFiniteMagnitude...Float.greatestFiniteMagnitude : -10...11
  }

  private enum CodingKeys: String, CodingKey { case name, offset, scale }

  private static func refusal(_ reason: String) -> IICError {
    IICError(
      operation: "use the model's bands", reason: reason,
      remedy: "give each band a name, a finite offset and a finite scale other than 0")
  }
}
