/// A class that a model labels pixels with: what it is called, and its colour on a map.
public struct ModelClass: Sendable, Equatable, Codable {
  /// A colour of a legend, eight bits a component.
  public struct Colour: Sendable, Equatable {
    public var red: UInt8
    public var green: UInt8
    public var blue: UInt8

    /// A colour of three components.
    public init(red: UInt8, green: UInt8, blue: UInt8) {
      self.red = red
      self.green = green
      self.blue = blue
    }

    /// Reads `#rrggbb`, in capitals or not; nil for anything else.
    public init?(hexadecimal text: String) {
      let digits = Array(text.utf8)
      guard digits.count == 7, digits[0] == UInt8(ascii: "#"),
        digits.dropFirst().allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
        let value = UInt32(text.dropFirst(), radix: 16)
      else { return nil }
      red = UInt8(value >> 16)
      green = UInt8(value >> 8 & 0xFF)
      blue = UInt8(value & 0xFF)
    }

    /// `#rrggbb`.
    public var hexadecimal: String {
      "#"
        + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }

  /// One line of text, 1…256 characters.
  public let name: String
  /// Its colour on maps.
  public let colour: Colour

  /// Throws an ``IICError`` unless the name is one line of 1…256 characters.
  public init(name: String, colour: Colour) throws {
    guard Self.isLine(name) else {
      throw Self.refusal("a class's name \(IICError.quoted(name)) is not one short line of text")
    }
    self.name = name
    self.colour = colour
  }

  /// Reads and checks `name` and `colour` (`#rrggbb`).
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let name = try container.decode(String.self, forKey: .name)
    let text = try container.decode(String.self, forKey: .colour)
    guard let colour = Colour(hexadecimal: text) else {
      throw Self.refusal(
        "the colour \(IICError.quoted(text)) of the class \(IICError.quoted(name)) is not #rrggbb")
    }
    try self.init(name: name, colour: colour)
  }

  /// Writes `name` and `colour` (`#rrggbb`).
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(colour.hexadecimal, forKey: .colour)
  }

  private enum CodingKeys: String, CodingKey { case name, colour }

  /// Whether a name can stand in a legend, a table or a message as it is.
  static func isLine(_ text: String) -> Bool {
    !text.isEmpty && text.unicodeScalars.count <= 256
      && text.unicodeScalars.allSatisfy {
        switch $0.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: false
        default: true
        }
      }
  }

  private static func refusal(_ reason: String) -> IICError {
    IICError(
      operation: "use the model's classes", reason: reason,
      remedy: "give each class a name of 1 to 256 characters and a colour as #rrggbb")
  }
}
