import ArgumentParser
import Raster

/// Band numbers: `4,1,2`.
struct BandNumbers: ExpressibleByArgument {
  let numbers: [Int]

  init?(argument: String) {
    guard let numbers = List.parse(argument, as: { Int($0) }), !numbers.isEmpty else { return nil }
    self.numbers = numbers
  }
}

/// A box in map coordinates: `xmin,ymin,xmax,ymax`.
struct MapBox: ExpressibleByArgument {
  let minimumX: Double
  let minimumY: Double
  let maximumX: Double
  let maximumY: Double

  init?(argument: String) {
    guard let numbers = List.parse(argument, as: { Double($0) }), numbers.count == 4 else {
      return nil
    }
    (minimumX, minimumY, maximumX, maximumY) = (numbers[0], numbers[1], numbers[2], numbers[3])
  }
}

/// A box in pixels: `column,row,width,height`.
struct PixelBox: ExpressibleByArgument {
  let window: Window

  init?(argument: String) {
    guard let numbers = List.parse(argument, as: { Int($0) }), numbers.count == 4 else {
      return nil
    }
    window = Window(column: numbers[0], row: numbers[1], width: numbers[2], height: numbers[3])
  }
}

/// Names separated by commas: `water,forest,meadow`.
struct NameList: ExpressibleByArgument {
  let names: [String]

  init?(argument: String) {
    guard let names = List.parse(argument, as: { $0.isEmpty ? nil : $0 }) else { return nil }
    self.names = names
  }
}

/// A driver's creation option: `KEY=VALUE`.
struct CreationOption: ExpressibleByArgument {
  let key: String
  let value: String

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else { return nil }
    key = parts[0].uppercased()
    value = String(parts[1])
  }
}

private enum List {
  /// The values between commas, blanks around them dropped; nil where one does not parse.
  static func parse<Value>(_ text: String, as value: (String) -> Value?) -> [Value]? {
    var values: [Value] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let trimmed = part.drop(while: \.isWhitespace)
      guard let end = trimmed.lastIndex(where: { !$0.isWhitespace }) else {
        guard let value = value("") else { return nil }
        values.append(value)
        continue
      }
      guard let value = value(String(trimmed[...end])) else { return nil }
      values.append(value)
    }
    return values
  }
}
