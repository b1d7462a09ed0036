import Foundation
import IIC
import Testing

@Suite struct ModelConfigurationTests {
  static let twoHead = """
    {"inputChannels": 4, "inputSize": 200, "classes": 6, "overclusters": 36, "subHeads": 1,
     "width": 0.25, "sobel": false, "includeRGB": false, "batchNormTracking": true}
    """

  /// `twoHead` with the text of one member replaced.
  static func altered(_ old: String, to new: String) -> String {
    let text = twoHead.replacingOccurrences(of: old, with: new)
    precondition(text != twoHead)
    return text
  }

  static func refusal(
    of json: String, architecture: ModelArchitecture = .segmentationNet10aTwoHead
  ) -> IICError? {
    #expect(throws: IICError.self) {
      try ModelConfiguration(architecture: architecture, json: json)
    }
  }

  @Test func contractKeysAreRead() throws {
    let configuration = try ModelConfiguration(
      architecture: .segmentationNet10aTwoHead, json: Self.twoHead)
    #expect(configuration.inputChannels == 4)
    #expect(configuration.inputSize == 200)
    #expect(configuration.classes == 6)
    #expect(configuration.overclusters == 36)
    #expect(configuration.subHeads == 1)
    #expect(configuration.width == 0.25)
    #expect(!configuration.sobel && !configuration.includeRGB)
    #expect(configuration.batchNormTracking)
    #expect(configuration.possibleBandCounts == [4])
    #expect([64, 128, 512].map(configuration.scaledChannels) == [16, 32, 128])
  }

  @Test func jsonIsDeterministicAndReadsBack() throws {
    let configuration = try ModelConfiguration(
      architecture: .segmentationNet10aTwoHead, json: Self.twoHead)
    #expect(
      configuration.json
        == #"{"batchNormTracking":true,"classes":6,"includeRGB":false,"inputChannels":4,"#
        + #""inputSize":200,"overclusters":36,"sobel":false,"subHeads":1,"width":0.25}"#)
    #expect(
      try ModelConfiguration(architecture: .segmentationNet10aTwoHead, json: configuration.json)
        == configuration)
    let coded = try JSONEncoder().encode(configuration)
    #expect(String(decoding: coded, as: UTF8.self).contains("SegmentationNet10aTwoHead"))
    #expect(try JSONDecoder().decode(ModelConfiguration.self, from: coded) == configuration)
  }

  @Test func unknownKeyNamesTheNearest() throws {
    let error = Self.refusal(of: Self.altered("\"subHeads\"", to: "\"subheds\""))
    #expect(error?.reason.contains("`subheds`") == true)
    #expect(error?.remedy.contains("`subHeads`") == true)
    let distant = Self.refusal(of: Self.altered("{", to: "{\"temperature\": 1, "))
    #expect(distant?.remedy.contains("inputChannels, inputSize") == true)
    let architecture = Self.refusal(
      of: Self.altered("{", to: "{\"architecture\": \"SegmentationNet10a\", "))
    #expect(architecture?.reason.contains("`architecture`") == true)
  }

  @Test(arguments: [
    ("\"inputChannels\": 4", "\"inputChannels\": 0", "inputChannels"),
    ("\"inputChannels\": 4", "\"inputChannels\": 1025", "inputChannels"),
    ("\"inputChannels\": 4", "\"inputChannels\": 4.5", "inputChannels"),
    ("\"inputChannels\": 4", "\"inputChannels\": 1e30", "inputChannels"),
    ("\"inputSize\": 200", "\"inputSize\": 1000000000000", "inputSize"),
    ("\"classes\": 6", "\"classes\": 1", "classes"),
    ("\"classes\": 6", "\"classes\": 256", "classes"),
    ("\"classes\": 6", "\"classes\": \"six\"", "classes"),
    ("\"overclusters\": 36", "\"overclusters\": 5000", "overclusters"),
    ("\"overclusters\": 36, ", "", "overclusters"),
    ("\"subHeads\": 1", "\"subHeads\": 65", "subHeads"),
    ("\"subHeads\": 1", "\"subHeads\": null", "subHeads"),
    ("\"width\": 0.25", "\"width\": 0", "width"),
    ("\"width\": 0.25", "\"width\": -1", "width"),
    ("\"width\": 0.25", "\"width\": 16.5", "width"),
    ("\"width\": 0.25, ", "", "width"),
    ("\"sobel\": false", "\"sobel\": 0", "sobel"),
    ("\"sobel\": false", "\"sobel\": true", "inputChannels"),
    ("\"includeRGB\": false", "\"includeRGB\": \"no\"", "includeRGB"),
  ])
  func badValueIsNamed(old: String, new: String, key: String) {
    let error = Self.refusal(of: Self.altered(old, to: new))
    #expect(error?.reason.contains("`\(key)`") == true)
  }

  @Test func oneHeadRefusesOverclusters() throws {
    let error = Self.refusal(of: Self.twoHead, architecture: .segmentationNet10a)
    #expect(error?.remedy.contains("one head") == true)
    let configuration = try ModelConfiguration(
      architecture: .segmentationNet10a,
      json: Self.altered("\"overclusters\": 36", to: "\"overclusters\": null"))
    #expect(configuration.overclusters == nil)
  }

  @Test(arguments: ["", "{", "[]", "3", "null", String(repeating: "[", count: 100_000)])
  func textThatIsNoObjectIsRefused(text: String) {
    #expect(Self.refusal(of: text)?.reason.contains("JSON") == true)
  }

  @Test func sobelSaysHowManyBands() throws {
    func bands(_ channels: Int, includeRGB: Bool) throws -> [Int] {
      try ModelConfiguration(
        architecture: .segmentationNet10a, inputChannels: channels, inputSize: 128, classes: 3,
        subHeads: 1, sobel: true, includeRGB: includeRGB, batchNormTracking: false
      ).possibleBandCounts
    }
    #expect(try bands(2, includeRGB: false) == [1, 3])
    #expect(try bands(3, includeRGB: false) == [4])
    #expect(try bands(5, includeRGB: true) == [3])
    #expect(try bands(6, includeRGB: true) == [4])
  }

  @Test func widthRoundsAndNeverReachesZero() throws {
    let thin = try ModelConfiguration(
      architecture: .segmentationNet10a, inputChannels: 1, inputSize: 64, classes: 2, subHeads: 1,
      width: 0.001, batchNormTracking: false)
    #expect(thin.scaledChannels(64) == 1)
    #expect(thin.scaledChannels(512) == 1)
  }

  @Test func errorsStayOnOneLine() {
    let error = IICError(
      operation: "read model", path: "a\u{1B}[31m\nb", reason: "odd\r\u{2028}name", remedy: "no")
    #expect(error.description == "cannot read model a?[31m?b: odd??name; no")
  }
}
