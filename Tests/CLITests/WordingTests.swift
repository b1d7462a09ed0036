import Testing

@testable import CLI

@Suite struct WordingTests {
  @Test func numbersReadWell() {
    #expect(Numbers.grouped(0) == "0")
    #expect(Numbers.grouped(1_048_576) == "1,048,576")
    #expect(Numbers.grouped(-12_345) == "-12,345")
    #expect(Numbers.counted(1, "band") == "1 band" && Numbers.counted(4, "band") == "4 bands")
    #expect(Numbers.duration(8.06) == "8.1 s")
    #expect(Numbers.duration(59.97) == "1 min 00 s")
    #expect(Numbers.duration(125) == "2 min 05 s")
    #expect(Numbers.duration(11_520) == "3 h 12 min")
    #expect(Numbers.bytes(999) == "999 bytes")
    #expect(Numbers.bytes(12_300_000) == "12.3 MB")
    #expect(Numbers.score(nil) == "–")
  }

  @Test func progressSaysRateAndRest() {
    let text = ProgressLine.text(
      "learning", done: 50, of: 200, unit: "steps", detail: "loss -2.500", seconds: 10)
    #expect(text == "learning: 50 of 200 steps, 5.00 steps/s, loss -2.500, 30.0 s left")
    let end = ProgressLine.text(
      "labelling", done: 8, of: 8, unit: "tiles", detail: nil, seconds: 0.5)
    #expect(end == "labelling: 8 of 8 tiles, 16 tiles/s, done in 0.5 s")
    let start = ProgressLine.text(
      "labelling", done: 0, of: 8, unit: "tiles", detail: nil, seconds: 0)
    #expect(start == "labelling: 0 of 8 tiles")
  }

  @Test func tablesAlign() {
    var table = TextTable([("class", .right), ("name", .left)])
    table.add(["1", "water"])
    table.add(["12", "é"])
    #expect(table.text == "class  name\n    1  water\n   12  é")
  }

  @Test func recordedCommandLinesLeaveOutWhereResultsGo() {
    let arguments = [
      "segment", "my image.tif", "-o", "out.tif", "--classes", "4", "--save-model=m.safetensors",
      "--overwrite", "--probabilities", "p.tif", "-oother.tif", "--json", "--bands=4,1",
    ]
    #expect(
      CommandLineRecord.text(arguments)
        == "iic segment 'my image.tif' --classes 4 --bands=4,1")
    #expect(
      CommandLineRecord.text(["segment", "--", "-o", "it's"]) == "iic segment -- -o 'it'\\''s'")
  }

  @Test func usageErrorsAreOneLine() {
    let line = Failure.usage(
      "Missing expected argument.", "Error: …\nUsage: iic …\n  See 'iic segment --help' for more.")
    #expect(line == "Missing expected argument. See 'iic segment --help' for more.")
  }
}
