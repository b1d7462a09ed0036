internal import Foundation

extension ModelConfiguration: Codable {
  /// Decodes every property, the architecture among them.
  ///
  /// Throws an ``IICError`` for a key that is missing, unknown (the nearest right one is named), of
  /// the wrong type or out of range.
  public init(from decoder: any Decoder) throws {
    let known = Key.allCases.map(\.rawValue)
    try Self.rejectUnknownKeys(in: decoder, known: known)
    let container = try decoder.container(keyedBy: Key.self)
    let name: String = try Self.decode(.architecture, from: container, expected: "a string")
    guard let architecture = ModelArchitecture(rawValue: name) else {
      throw Self.unknownArchitecture(name)
    }
    try self.init(architecture: architecture, from: container)
  }

  /// Encodes every property, the architecture among them; `overclusters` only where there are.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(architecture, forKey: .architecture)
    try encodeProperties(into: &container)
  }

  /// Reads the value of a model file's `iic.config`: every key but the architecture.
  ///
  /// Throws an ``IICError`` for a key that is missing, unknown (the nearest right one is named), of
  /// the wrong type or out of range, and for text that is not JSON.
  public init(architecture: ModelArchitecture, json: String) throws {
    let decoder = JSONDecoder()
    decoder.userInfo[FileProperties.architectureKey] = architecture
    do {
      self = try decoder.decode(FileProperties.self, from: Data(json.utf8)).configuration
    } catch is DecodingError {
      throw Self.refusal("`iic.config` is not a JSON object", "write it as in the documentation")
    }
  }

  /// The value of a model file's `iic.config`: JSON with sorted keys, without the architecture.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    // Validated numbers and booleans alone: nothing that JSON cannot say.
    let data = try! encoder.encode(FileProperties(configuration: self))
    return String(decoding: data, as: UTF8.self)
  }

  /// The error for an architecture's name that is none of the published ones.
  static func unknownArchitecture(_ name: String) -> IICError {
    let known = ModelArchitecture.allCases.map(\.rawValue)
    let nearest = nearestName(to: name, among: known)
    return refusal(
      "its architecture \(IICError.quoted(name)) is unknown",
      nearest.map { "did you mean `\($0)`?" } ?? "use one of \(known.joined(separator: ", "))")
  }

  /// `iic.config` as it stands in a file, where the architecture is known beforehand.
  private struct FileProperties: Codable {
    static let architectureKey = CodingUserInfoKey(rawValue: "architecture")!
    var configuration: ModelConfiguration

    init(configuration: ModelConfiguration) {
      self.configuration = configuration
    }

    init(from decoder: any Decoder) throws {
      guard
        let architecture = decoder.userInfo[FileProperties.architectureKey] as? ModelArchitecture
      else { preconditionFailure("the architecture must be known before iic.config is read") }
      let known = Key.allCases.filter { $0 != .architecture }.map(\.rawValue)
      try ModelConfiguration.rejectUnknownKeys(in: decoder, known: known)
      configuration = try ModelConfiguration(
        architecture: architecture, from: decoder.container(keyedBy: Key.self))
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try configuration.encodeProperties(into: &container)
    }
  }

  private init(
    architecture: ModelArchitecture, from container: KeyedDecodingContainer<Key>
  ) throws {
    func integer(_ key: Key) throws -> Int {
      try Self.decode(key, from: container, expected: "a whole number")
    }
    // A network with one head may say null.
    let hasOverclusters =
      container.contains(.overclusters)
      && !((try? container.decodeNil(forKey: .overclusters)) ?? false)
    func boolean(_ key: Key) throws -> Bool {
      try Self.decode(key, from: container, expected: "true or false")
    }
    try self.init(
      architecture: architecture, inputChannels: integer(.inputChannels),
      inputSize: integer(.inputSize), classes: integer(.classes),
      overclusters: hasOverclusters ? integer(.overclusters) : nil,
      subHeads: integer(.subHeads),
      width: Self.decode(.width, from: container, expected: "a number"),
      sobel: boolean(.sobel), includeRGB: boolean(.includeRGB),
      batchNormTracking: boolean(.batchNormTracking))
  }

  private func encodeProperties(into container: inout KeyedEncodingContainer<Key>) throws {
    try container.encode(inputChannels, forKey: .inputChannels)
    try container.encode(inputSize, forKey: .inputSize)
    try container.encode(classes, forKey: .classes)
    try container.encodeIfPresent(overclusters, forKey: .overclusters)
    try container.encode(subHeads, forKey: .subHeads)
    try container.encode(width, forKey: .width)
    try container.encode(sobel, forKey: .sobel)
    try container.encode(includeRGB, forKey: .includeRGB)
    try container.encode(batchNormTracking, forKey: .batchNormTracking)
  }

  private static func decode<Value: Decodable>(
    _ key: Key, from container: KeyedDecodingContainer<Key>, expected: String
  ) throws -> Value {
    guard container.contains(key) else {
      throw refusal("`\(key.rawValue)` is missing", "give it as \(expected)")
    }
    do {
      return try container.decode(Value.self, forKey: key)
    } catch {
      // Not only DecodingError: a number that does not fit throws an error of JSONDecoder's own.
      throw refusal("`\(key.rawValue)` has a value of the wrong kind", "give it as \(expected)")
    }
  }

  private static func rejectUnknownKeys(in decoder: any Decoder, known: [String]) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    // Sorted, so that a file with several always gives the same message.
    for key in container.allKeys.map(\.stringValue).sorted() where !known.contains(key) {
      let nearest = nearestName(to: key, among: known)
      throw refusal(
        "it has an unknown key \(IICError.quoted(key))",
        nearest.map { "did you mean `\($0)`?" } ?? "the keys are \(known.joined(separator: ", "))")
    }
  }

  private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
