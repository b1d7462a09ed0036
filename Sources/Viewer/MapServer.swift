internal import FlyingFox
internal import Foundation
internal import Raster

/// Serves a page to look at a label map by and to name its classes, to this machine alone.
///
/// Every address begins with a key drawn at the start, so that neither other people of the machine
/// nor pages of other origins, which do not know it, can read the map or change its names.
public actor MapServer {
  /// Takes the classes' new names, in the order of the legend: writes them where they belong. What it
  /// throws is said on the page.
  public typealias NameWriter = @Sendable (_ names: [String]) throws -> Void

  private var map: ViewedMap
  private let grid: TileGrid
  private let labels: TileReader
  private let image: TileReader?
  private let named: [String]
  private let refusal: String?
  private let writeNames: NameWriter
  private let key: String
  /// Leads to the page once, for a browser that is started with it where others can read that.
  private var ticket: String?
  private let server: HTTPServer

  /// A server of a map.
  ///
  /// - Parameters:
  ///   - port: The port; 0 for any that is free.
  ///   - named: Paths of the files that take names.
  ///   - refusal: Why names cannot be written; nil where they can.
  ///   - writeNames: Writes names.
  public init(
    _ map: ViewedMap, port: UInt16, named: [String], refusal: String? = nil,
    writeNames: @escaping NameWriter
  ) throws {
    self.map = map
    self.named = named
    self.refusal = refusal
    self.writeNames = writeNames
    grid = TileGrid(width: map.labels.width, height: map.labels.height)
    labels = TileReader(path: map.labels.path)
    image = map.image.map { TileReader(path: $0.description.path) }
    key = Self.randomWord()
    ticket = Self.randomWord()
    // Tiles of a large raster without overviews take their time.
    server = HTTPServer(
      address: try .inet(ip4: "127.0.0.1", port: port), timeout: 3600, logger: .disabled)
  }

  private static func randomWord() -> String {
    var random = SystemRandomNumberGenerator()
    return (0..<4).map { _ in String(random.next() as UInt32, radix: 36) }.joined()
  }

  /// Serves until the page says that it is done, or the task is cancelled.
  ///
  /// - Parameter listening: Called, once the page can be asked for, with its address, and with one
  ///   that leads there a single time.
  /// - Throws: `RasterError` where the port cannot be listened on; what `listening` throws.
  public func run(
    listening: @Sendable (_ address: String, _ onceOnly: String) throws -> Void
  ) async throws {
    await addRoutes()
    let running = Task { try await server.run() }
    let waiting = Task { try await server.waitUntilListening() }
    Task {
      _ = await running.result
      waiting.cancel()
    }
    do {
      try await waiting.value
    } catch {
      running.cancel()
      throw RasterError(
        operation: "view", path: map.labels.path, reason: "the port cannot be listened on",
        remedy: "give --port another number, or leave it out")
    }
    guard case .ip4(_, let port) = await server.listeningAddress else {
      preconditionFailure("a server on no address")
    }
    let start = "http://127.0.0.1:\(port)"
    do {
      try listening("\(start)/\(key)/", "\(start)/\(ticket ?? key)")
    } catch {
      await server.stop()
      throw error
    }
    // Ends with an error wherever it is stopped.
    _ = try? await running.value
  }

  private func addRoutes() async {
    await add("", Self.page)
    await add("map.js", Self.mapScript)
    await add("legend.js", Self.legendScript)
    await add("viewer.css", Self.style)
    await server.appendRoute(route("GET", "map.json")) { [self] request in
      guard Self.isOwn(request) else { return Self.unknown }
      return try await description()
    }
    await server.appendRoute(route("GET", ":kind/:level/:column/:row")) {
      [self] (request, kind: String, level: Int, column: Int, row: Int) in
      guard Self.isOwn(request) else { return Self.unknown }
      return await tile(kind, level: level, column: column, row: row)
    }
    if let ticket {
      await server.appendRoute(HTTPRoute("GET /\(ticket)")) { [self] request in
        guard Self.isOwn(request), await useTicket() else { return Self.unknown }
        return HTTPResponse(statusCode: .seeOther, headers: HTTPHeaders([.location: "/\(key)/"]))
      }
    }
    await server.appendRoute(route("POST", "names")) { [self] request in
      guard Self.isOwn(request) else { return Self.unknown }
      return await name(request)
    }
    await server.appendRoute(route("POST", "done")) { [self] request in
      guard Self.isOwn(request) else { return Self.unknown }
      // After the answer.
      Task { await server.stop(timeout: 1) }
      return HTTPResponse(statusCode: .noContent)
    }
  }

  /// Whether it had not been used before.
  private func useTicket() -> Bool { ticket.take() != nil }

  private func route(_ method: String, _ path: String) -> HTTPRoute {
    HTTPRoute("\(method) /\(key)/\(path)")
  }

  private func add(_ path: String, _ content: (type: String, text: String)) async {
    await server.appendRoute(route("GET", path)) { request in
      guard Self.isOwn(request) else { return Self.unknown }
      return Self.answer(Data(content.text.utf8), type: content.type)
    }
  }

  private func description() throws -> HTTPResponse {
    let encoder = JSONEncoder()
    return Self.answer(
      try encoder.encode(MapDescription(map, named: named, refusal: refusal)),
      type: "application/json")
  }

  private func tile(_ kind: String, level: Int, column: Int, row: Int) async -> HTTPResponse {
    do {
      var bytes: [UInt8]?
      switch kind {
      case "labels":
        bytes = try await labels.labels(
          level: level, column: column, row: row, of: grid, empty: map.emptyValue)
      case "image":
        guard let image, let shown = map.image else { return Self.unknown }
        bytes = try await image.colours(
          level: level, column: column, row: row, of: grid, image: shown)
      default: break
      }
      guard let bytes else { return Self.unknown }
      return Self.answer(Data(bytes), type: "application/octet-stream")
    } catch {
      return Self.refusal("\(error)")
    }
  }

  private struct Names: Decodable {
    /// New names by the place in the legend, from 0 on; the others stay.
    let names: [Int: String]
  }

  private func name(_ request: HTTPRequest) async -> HTTPResponse {
    guard let length = request.headers[.contentLength].flatMap({ Int($0) }), length <= 1 << 20,
      let body = try? await request.bodyData,
      let changes = try? JSONDecoder().decode(Names.self, from: body).names,
      changes.keys.allSatisfy(map.legend.entries.indices.contains)
    else { return Self.refusal("these are no names of its classes") }
    let names = map.legend.entries.enumerated().map { changes[$0] ?? $1.name }
    do {
      try writeNames(names)
    } catch {
      return Self.refusal("\(error)")
    }
    map.rename(names)
    return HTTPResponse(statusCode: .noContent)
  }

  /// Whether a request was addressed to this machine by number: a page elsewhere whose name has
  /// been made to lead here has another host in it.
  private static func isOwn(_ request: HTTPRequest) -> Bool {
    guard let host = request.headers[.host] else { return false }
    let parts = host.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    return ["127.0.0.1", "localhost"].contains(parts[0])
      && (parts.count == 1 || UInt16(parts[1]) != nil)
  }

  private static var unknown: HTTPResponse { HTTPResponse(statusCode: .notFound) }

  private static func refusal(_ reason: String) -> HTTPResponse {
    HTTPResponse(
      statusCode: .unprocessableContent,
      headers: headers(type: "text/plain; charset=utf-8"), body: Data(reason.utf8))
  }

  private static func answer(_ body: Data, type: String) -> HTTPResponse {
    HTTPResponse(statusCode: .ok, headers: headers(type: type), body: body)
  }

  private static func headers(type: String) -> HTTPHeaders {
    [
      .contentType: type, .cacheControl: "no-store",
      HTTPHeader("X-Content-Type-Options"): "nosniff",
      HTTPHeader("Referrer-Policy"): "no-referrer",
      HTTPHeader("Content-Security-Policy"):
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        + "frame-ancestors 'none'",
    ]
  }
}
