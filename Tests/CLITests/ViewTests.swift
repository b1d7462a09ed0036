import FlyingFox
import FlyingSocks
import Foundation
import IIC
import Raster
import Testing

@Suite struct ViewTests {
  let folder = TemporaryFolder()
  private let names = ["class 1", "class 2", "class 3"]

  private let labels = (0..<160 * 160).map { UInt8($0 % 4) }

  private func writeMap() throws {
    try SmallRasters.writeLabels(folder.file("map.tif"), labels, width: 160, names: names)
  }

  /// The command, with its page's address.
  private func start(_ arguments: [String]) throws -> (run: Program.Run, page: Page) {
    let run = try Program.Run(["view"] + arguments + ["--no-browser", "--json"], in: folder)
    try #require(run.waitUntil { run.output.contains("}") }, "\(run.errors)")
    let json = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
    let address = try #require((json as? [String: String])?["address"])
    return (run, try Page(address))
  }

  @Test func classesAreShownAndNamed() async throws {
    try writeMap()
    try SmallRasters.writeScene(folder.file("scene.tif"))
    let model = try LearnedModel.path(in: folder)
    let map = try folder.bytes("map.tif")
    let (run, page) = try start(["map.tif", "--over", "scene.tif", "--model", model])

    let html = try await page.ask("GET", "")
    #expect(html.status == 200 && html.text.contains("<title>iic view</title>"))
    for part in ["map.js", "legend.js", "viewer.css"] {
      #expect(try await page.ask("GET", part).status == 200)
    }
    let described = try await page.ask("GET", "map.json")
    let json = try #require(
      JSONSerialization.jsonObject(with: described.body) as? [String: Any])
    #expect(json["width"] as? Int == 160 && json["image"] as? String == "scene.tif")
    let classes = try #require(json["classes"] as? [[String: Any]])
    #expect(classes.map { $0["name"] as? String } == names)
    #expect(classes.map { $0["pixels"] as? Int } == [6400, 6400, 6400])
    let tile = try await page.ask("GET", "labels/0/0/0")
    #expect(tile.body == Data(labels))
    #expect(try await page.ask("GET", "image/0/0/0").body.count == 160 * 160 * 4)

    // Named, in the map's sidecar and in the model.
    let wanted = ["Wiese & <Feld>", "water", "ü"]
    let saved = try await page.ask(
      "POST", "names", body: #"{"names":{"0":"Wiese & <Feld>","1":"water","2":"ü"}}"#)
    #expect(saved.status == 204, "\(saved.text)")
    #expect(try RasterFile.open(folder.file("map.tif")).legend()?.entries.map(\.name) == wanted)
    #expect(try ModelFile(reading: model).classes?.map(\.name) == wanted)
    #expect(try folder.bytes("map.tif") == map)
    #expect(try await page.ask("GET", "map.json").text.contains("water"))

    // Those not named stay: another page may have named them.
    #expect(try await page.ask("POST", "names", body: #"{"names":{"2":"road"}}"#).status == 204)
    let latest = ["Wiese & <Feld>", "water", "road"]
    #expect(try RasterFile.open(folder.file("map.tif")).legend()?.entries.map(\.name) == latest)

    // What are no names changes nothing.
    for body in [
      #"{"names":{"3":"a"}}"#, #"{"names":{"1":""}}"#, #"{"names":{"1":"b\nc"}}"#,
      #"{"names":["a","b","c"]}"#, "no",
    ] {
      #expect(try await page.ask("POST", "names", body: body).status == 422, "\(body)")
    }
    #expect(try RasterFile.open(folder.file("map.tif")).legend()?.entries.map(\.name) == latest)
    #expect(try ModelFile(reading: model).classes?.map(\.name) == latest)

    #expect(try await page.ask("POST", "done").status == 204)
    let outcome = run.wait()
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(
      folder.names == ["map.tif", "map.tif.aux.xml", "scene.tif", "learned.safetensors"])
  }

  @Test func whoDoesNotKnowTheKeyIsTurnedAway() async throws {
    try writeMap()
    let (run, page) = try start(["map.tif"])
    for path in [
      "labels/0/9/0", "labels/0/-1/0", "labels/99/0/0", "image/0/0/0", "other/0/0/0", "x",
    ] {
      #expect(try await page.ask("GET", path).status == 404, "\(path)")
    }
    let body = #"{"names":{"0":"a","1":"b","2":"c"}}"#
    for path in ["/", "/names", "/wrong/names", "//names"] {
      #expect(try await page.ask("POST", at: path, body: body).status == 404)
    }
    // A page elsewhere whose name leads to this machine.
    #expect(try await page.ask("POST", "names", body: body, host: "example.com").status == 404)
    #expect(try RasterFile.open(folder.file("map.tif")).legend()?.entries.map(\.name) == names)
    run.process.interrupt()
    #expect(run.wait().code == 130)
    #expect(folder.names == ["map.tif", "map.tif.aux.xml"])
  }

  @Test func whatHasChangedMeanwhileIsLeftAlone() async throws {
    try writeMap()
    let model = try LearnedModel.path(in: folder)
    let (run, page) = try start(["map.tif", "--model", model])
    // A model of other classes in its place.
    let learned = try folder.bytes("learned.safetensors")
    try SmallClusterModel.write(to: model)
    let body = #"{"names":{"0":"a"}}"#
    let other = try await page.ask("POST", "names", body: body)
    #expect(other.status == 422, "\(other.text)")
    try learned.write(to: URL(filePath: model))
    // A map of other labels in its place.
    for name in ["map.tif", "map.tif.aux.xml"] {
      try FileManager.default.removeItem(atPath: folder.file(name))
    }
    try SmallRasters.writeLabels(
      folder.file("map.tif"), labels.map { min($0, 2) }, width: 160, names: ["x", "y", "z"])
    let changed = try await page.ask("POST", "names", body: body)
    #expect(changed.status == 422 && changed.text.contains("has changed meanwhile"))
    #expect(
      try RasterFile.open(folder.file("map.tif")).legend()?.entries.map(\.name) == ["x", "y", "z"])
    #expect(try folder.bytes("learned.safetensors") == learned)
    _ = try await page.ask("POST", "done")
    #expect(run.wait().code == 0)
  }

  @Test func theAddressIsSaidWhereNoBrowserIsOpened() async throws {
    try writeMap()
    let run = try Program.Run(["view", "map.tif", "--no-browser"], in: folder)
    #expect(run.waitUntil { run.errors.contains("Control-C") })
    #expect(run.errors.contains("open in a browser: http://127.0.0.1:"))
    run.process.terminate()
    #expect(run.wait().code == 143)
  }

  @Test func refuses() throws {
    try writeMap()
    try SmallRasters.writeScene(folder.file("small.tif"), size: 96)
    try SmallClusterModel.write(to: folder.file("images.safetensors"))
    let learned = try LearnedModel.path(in: folder)
    try SmallRasters.writeLabels(
      folder.file("two.tif"), [1, 2, 1, 2], width: 2, names: ["a", "b"])
    let cases: [([String], Int32, String)] = [
      (["missing.tif"], 1, "missing.tif: no such file"),
      (["small.tif"], 1, "4 bands"),
      (["map.tif", "--over", "small.tif"], 1, "does not lie under"),
      (["map.tif", "--model", "images.safetensors"], 1, "images.safetensors"),
      (["two.tif", "--model", learned], 1, "has the classes 1 to 3"),
      (["map.tif", "--port", "70000"], 64, "--port"),
    ]
    for (arguments, code, words) in cases {
      let outcome = try Program.run(["view", "--no-browser"] + arguments, in: folder)
      #expect(outcome.code == code && outcome.errorLines.count == 1, "\(outcome.errors)")
      #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }
    let port = try Socket(domain: AF_INET)
    try port.bind(to: .inet(ip4: "127.0.0.1", port: 0))
    try port.listen()
    guard case .ip4(_, let number) = try port.sockname() else { return }
    let taken = try Program.run(
      ["view", "map.tif", "--no-browser", "--port", "\(number)"], in: folder)
    #expect(taken.code == 1 && taken.errors.contains("--port"), "\(taken.errors)")
  }
}

/// A page that the command serves.
private struct Page {
  struct Answer {
    let status: Int
    let body: Data
    var text: String { String(decoding: body, as: UTF8.self) }
  }

  let port: UInt16
  let key: String

  init(_ address: String) throws {
    let parts = address.split(separator: "/")
    let number = try #require(parts[1].split(separator: ":").last)
    port = try #require(UInt16(number))
    key = String(parts[2])
  }

  func ask(
    _ method: String, _ path: String, body: String = "", host: String = "127.0.0.1:0"
  ) async throws -> Answer {
    try await ask(method, at: "/\(key)/\(path)", body: body, host: host)
  }

  func ask(
    _ method: String, at path: String, body: String = "", host: String = "127.0.0.1:0"
  ) async throws -> Answer {
    var client = HTTPClient()
    let request = HTTPRequest(
      method: HTTPMethod(method), version: .http11, path: path, query: [],
      headers: [.host: host], body: Data(body.utf8))
    let answer = try await client.sendHTTPRequest(
      request, to: .inet(ip4: "127.0.0.1", port: port))
    return Answer(status: answer.statusCode.code, body: try await answer.bodyData)
  }
}
