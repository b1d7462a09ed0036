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

  /// As from a terminal, where nobody has blocked the signals: a thread that is older than the
  /// program's own must not be ended by one.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/perl")))
  func aCommandOfAShellTakesItsWorkingFilesAlong() throws {
    try SmallRasters.writeScene(folder.file("scene.tif"))
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/perl")
    process.currentDirectoryURL = URL(filePath: folder.path)
    process.arguments = [
      "-MPOSIX", "-e", "sigprocmask(SIG_SETMASK, POSIX::SigSet->new()); exec @ARGV", Program.path,
      "segment", "scene.tif", "-o", "out.tif", "--steps", "1000000",
    ]
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    // Two lines are said before learning begins.
    var said = ""
    while !said.contains("learn"), process.isRunning {
      said += String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
    }
    kill(process.processIdentifier, SIGTERM)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 143, "\(said)")
    #expect(folder.names == ["scene.tif"])
  }
}
