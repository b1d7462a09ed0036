import Foundation
import Testing

@Suite struct InterruptionTests {
  let folder = TemporaryFolder()

  @Test func anInterruptedCommandEndsWith130() throws {
    try SmallRasters.writeScene(folder.file("scene.tif"))
    let run = try Program.Run(
      ["segment", "scene.tif", "-o", "out.tif", "--steps", "1000000", "--verbose"], in: folder)
    #expect(run.waitUntil { run.errors.contains("learns 6 classes") })
    kill(run.process.processIdentifier, SIGINT)
    let outcome = run.wait()
    #expect(outcome.code == 130 && run.process.terminationReason == .exit)
    #expect(outcome.errors.hasSuffix("iic: interrupted\n"))
    #expect(folder.names == ["scene.tif"])
  }

  @Test func aTerminatedCommandTakesItsWorkingFilesAlong() throws {
    let modelFolder = TemporaryFolder()
    let model = try LearnedModel.path(in: modelFolder)
    try SmallRasters.writeScene(folder.file("scene.tif"), size: 1000, from: 0)
    let run = try Program.Run(
      [
        "segment", "scene.tif", "-o", "out.tif", "--probabilities", "p.tif", "--model", model,
        "--tile", "32",
      ], in: folder)
    #expect(run.waitUntil { folder.names.count > 1 })
    kill(run.process.processIdentifier, SIGTERM)
    let outcome = run.wait()
    #expect(outcome.code == 143 && run.process.terminationReason == .exit)
    #expect(folder.names == ["scene.tif"])
  }
}
