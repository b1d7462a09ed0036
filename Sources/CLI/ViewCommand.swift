import ArgumentParser
import Foundation
import IIC
import Raster
import Synchronization
import Viewer

/// `iic view`: a label map in the browser, and names for its classes.
struct ViewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "view",
    abstract: "Look at a label map in the browser, and name its classes.",
    discussion: """
      Opens a page that shows the map, over the raster it was made of if that is named, and lets its \
      classes be hidden, pointed at and named. Names are saved in the map's sidecar, where GIS \
      programs find them, and with --model in the model, so that rasters it labels from now on have \
      them too. Nothing leaves this machine. The program goes on until the page says that it is \
      done, or until it is interrupted.

      For example, after `iic demo`:
        iic view demo/labels.tif --over demo/scene.tif --model demo/model.safetensors
      """)

  @Argument(help: "The label map.")
  var labels: String

  @Option(help: ArgumentHelp("The raster that was labelled.", valueName: "raster"))
  var over: String?

  @Option(
    help: ArgumentHelp("The model that labelled it, to be given the names.", valueName: "path"))
  var model: String?

  @Option(help: ArgumentHelp("The port of the page (default: one that is free).", valueName: "n"))
  var port: UInt16?

  @Flag(help: "Say the page's address and open no browser.")
  var noBrowser = false

  @OptionGroup(title: "Common options") var common: CommonOptions

  func run() throws {
    let interruption = Interruption()
    let console = common.console
    var progress: ProgressLine?
    let map = try ViewedMap(labelsAt: labels, over: over) { done, count in
      if progress == nil {
        progress = ProgressLine("counting labels", of: count, unit: "parts", on: console)
      }
      progress?.update(done: done)
    }
    progress?.takeOff()
    let naming = try MapNaming(map.legend, ofMapAt: labels, modelAt: model)
    interruption.willWrite(naming.paths)
    if let reason = naming.refusal { console.warn("names cannot be saved: \(reason)") }
    let server = try MapServer(
      map, port: port ?? 0, named: naming.paths, refusal: naming.refusal
    ) { try naming.write($0) }
    let opensBrowser = !noBrowser
    try Self.waiting {
      try await server.run { address, onceOnly in
        try Self.tell(address, opening: opensBrowser ? onceOnly : nil, on: console)
      }
    }
  }

  /// Does what waits for others, and comes back when it is done.
  private static func waiting(_ body: @escaping @Sendable () async throws -> Void) throws {
    let ended = DispatchSemaphore(value: 0)
    let outcome = Mutex<Result<Void, any Error>>(.success(()))
    Task {
      do {
        try await body()
      } catch {
        outcome.withLock { $0 = .failure(error) }
      }
      ended.signal()
    }
    ended.wait()
    try outcome.withLock { try $0.get() }
  }

  /// Says where the page is, and opens it where there is a screen.
  ///
  /// - Parameter onceOnly: What the browser is opened with: others on the machine can read what
  ///   programs are started with.
  private static func tell(
    _ address: String, opening onceOnly: String?, on console: Console
  ) throws {
    let isShown = onceOnly.map(openBrowser) ?? false
    if console.isJSON {
      try console.result(text: "", json: ["address": address])
    } else {
      // The address is what the program is for: it is said even where little is.
      Console.writeError("\(isShown ? "opened" : "open in a browser:") \(address)\n")
    }
    console.say("it goes on until the page says that it is done, or Control-C")
  }

  /// Hands the address to the desktop's browser; says whether there is a desktop that took it.
  private static func openBrowser(_ address: String) -> Bool {
    let environment = ProcessInfo.processInfo.environment
    guard environment["DISPLAY"] != nil || environment["WAYLAND_DISPLAY"] != nil else {
      return false
    }
    let opener = Process()
    opener.executableURL = URL(filePath: "/usr/bin/xdg-open")
    opener.arguments = [address]
    opener.standardOutput = FileHandle.nullDevice
    opener.standardError = FileHandle.nullDevice
    guard (try? opener.run()) != nil else { return false }
    // It ends at once where there is no browser, and often where there is.
    for _ in 0..<20 where opener.isRunning { usleep(100_000) }
    return opener.isRunning || opener.terminationStatus == 0
  }
}
