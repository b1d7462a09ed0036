internal import Yams

/// A recipe, or a part of one, as a tree of YAML nodes whose every leaf is a legal value of a known
/// key.
struct RecipeDocument {
  private static let largestByteCount = 64 << 10
  /// Groups inside groups; the recipe itself has no more than four.
  private static let deepest = 8
  static let basedOnKey = "basedOn"

  /// A mapping.
  private(set) var root: Node
  /// The built-in recipe that gives what the document does not.
  private(set) var basedOn: String?

  /// Understands a file's text.
  ///
  /// Throws an ``IICError`` for text that is no YAML, keys that are unknown and values that are not
  /// legal, naming the first and what would be.
  init(yaml: String) throws {
    guard yaml.utf8.count <= Self.largestByteCount else {
      throw Recipe.refusal("it is longer than 64 KiB", "name a recipe, written as YAML")
    }
    guard !Self.hasReferences(yaml) else {
      throw Recipe.refusal("it uses `&` or `*` to refer to other places", "write the values out")
    }
    let parsed = try Self.parsed(yaml)
    guard case .mapping(var mapping)? = parsed else {
      throw Recipe.refusal("it is not a mapping", "write keys with values, as `iic recipes` does")
    }
    if let base = mapping[Node(Self.basedOnKey)] {
      guard case .scalar(let scalar) = base else {
        throw Recipe.refusal("`\(Self.basedOnKey)` is no name", "give that of a built-in recipe")
      }
      basedOn = scalar.string
      mapping = Node.Mapping(mapping.filter { $0.key.string != Self.basedOnKey })
    }
    root = .mapping(mapping)
    try Self.check(root, at: "")
    root = Self.restyled(root, at: "")
  }

  /// A whole recipe.
  init(_ recipe: Recipe) throws {
    let text = try YAMLEncoder().encode(recipe)
    guard let node = try Self.parsed(text) else {
      preconditionFailure("a recipe is encoded as nothing")
    }
    root = Self.restyled(node, at: "")
  }

  /// A document of one key, given as text.
  init(_ field: Recipe.Field, value: String) throws {
    // Text needs no quotes on the command line, whatever YAML would make of it.
    var node =
      field.rule == .text && value != "null"
      ? Node(value, .init(.str)) : try Self.parsed(value, of: field.key) ?? Node("")
    for name in field.key.split(separator: ".").reversed() {
      node = .mapping([Node(String(name)): node])
    }
    root = node
    try Self.check(root, at: "")
    root = Self.restyled(root, at: "")
  }

  /// This with what `other` says in place of what this says; null there takes a key away.
  func overridden(by other: RecipeDocument) -> RecipeDocument {
    var copy = self
    copy.root = Self.merged(root, other.root)
    return copy
  }

  /// Whether there is such a group or key.
  func contains(_ path: some StringProtocol) -> Bool {
    var node = root
    for name in path.split(separator: ".") {
      guard let inner = node.mapping?[Node(String(name))] else { return false }
      node = inner
    }
    return true
  }

  /// The recipe. Throws an ``IICError`` for a key that is missing.
  func recipe() throws -> Recipe {
    // Before what the network would say of its other settings.
    if root.mapping?["network"]?.mapping?["architecture"]?.scalar?.string
      == ModelArchitecture.supHead5.rawValue
    {
      throw Recipe.supervisedArchitecture
    }
    do {
      return try YAMLDecoder().decode(Recipe.self, from: root)
    } catch let error as IICError {
      throw error
    } catch DecodingError.keyNotFound(let key, let context) {
      let path = (context.codingPath + [key]).map(\.stringValue).joined(separator: ".")
      let legal = Recipe.fields.first { $0.key == path }?.rule.legalValues
      throw Recipe.refusal(
        "`\(path)` is missing",
        legal.map { "give \($0)" }
          ?? "write that group out, or name a recipe to take it from with `\(Self.basedOnKey)`")
    } catch DecodingError.dataCorrupted(let context) {
      if let error = context.underlyingError as? IICError { throw error }
      throw Recipe.refusal(context.debugDescription, "write it as `iic recipes NAME` does")
    } catch {
      throw Recipe.refusal("it is not complete", "write it as `iic recipes NAME` does")
    }
  }

  /// As text, a line a value.
  var yaml: String {
    get throws { try Yams.serialize(node: root, width: -1, allowUnicode: true) }
  }

  private static func parsed(_ yaml: String, of key: String? = nil) throws -> Node? {
    do {
      return try Yams.compose(yaml: yaml, .default, .default, .utf8)
    } catch let error as YamlError {
      let place = key.map { "the value of `\($0)`" } ?? "it"
      throw Recipe.refusal("\(place) is not YAML: \(firstLine(of: error))", "correct it there")
    }
  }

  /// `line 3, column 7: what is wrong`.
  private static func firstLine(of error: YamlError) -> String {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "line \(mark.line), column \(mark.column): \(problem)"
    case .duplicatedKeysInMapping(let duplicates, _):
      "a key is given twice: \(duplicates.map { "\($0)" }.sorted().first ?? "")"
    default: "it cannot be read"
    }
  }

  /// Whether the text has anchors or aliases, by which a short text stands for an endless one.
  private static func hasReferences(_ text: String) -> Bool {
    var before: UInt8 = 10
    let bytes = Array(text.utf8)
    for (index, byte) in bytes.enumerated() {
      let after = index + 1 < bytes.count ? bytes[index + 1] : 32
      if byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*"),
        " \t\r\n[{,:-?".utf8.contains(before), !" \t\r\n".utf8.contains(after)
      {
        return true
      }
      before = byte
    }
    return false
  }

  private static func isNull(_ node: Node) -> Bool { node.null != nil }

  /// Goes through the leaves.
  private static func check(_ node: Node, at path: String) throws {
    let depth = path.split(separator: ".").count
    if let mapping = node.mapping, depth < deepest,
      path.isEmpty || Recipe.fields.contains(where: { $0.key.hasPrefix(path + ".") })
    {
      for (key, value) in mapping {
        guard let name = key.scalar?.string else {
          throw Recipe.refusal("a key of it is no word", "write it as `iic recipes NAME` does")
        }
        try check(value, at: path.isEmpty ? name : "\(path).\(name)")
      }
      return
    }
    if let field = Recipe.fields.first(where: { $0.key == path }) {
      guard isNull(node) || field.rule.accepts(node) else {
        let given = node.scalar.map { IICError.quoted($0.string) } ?? "not a single value"
        throw Recipe.refusal("`\(path)` is \(given)", "give \(field.rule.legalValues)")
      }
    } else if Recipe.fields.contains(where: { $0.key.hasPrefix(path + ".") }) {
      guard isNull(node) else {
        throw Recipe.refusal("`\(path)` is a group of keys, not a value", "give its keys")
      }
    } else {
      throw Recipe.unknownKey(path)
    }
  }

  private static func merged(_ node: Node, _ other: Node) -> Node {
    guard case .mapping(var mapping) = node, case .mapping(let changes) = other else {
      return other
    }
    for (key, value) in changes {
      if isNull(value) {
        mapping = Node.Mapping(mapping.filter { $0.key != key })
      } else if let current = mapping[key] {
        mapping[key] = merged(current, value)
      } else {
        mapping[key] = value
      }
    }
    return .mapping(mapping)
  }

  /// Numbers without exponents, lists on one line.
  private static func restyled(_ node: Node, at path: String) -> Node {
    switch node {
    case .mapping(let mapping):
      return .mapping(
        Node.Mapping(
          mapping.map { key, value in
            let name = key.scalar?.string ?? ""
            return (key, restyled(value, at: path.isEmpty ? name : "\(path).\(name)"))
          }))
    case .sequence(var sequence):
      sequence.style = .flow
      return .sequence(sequence)
    case .scalar(let scalar):
      let number = Double(scalar.string)
      switch Recipe.fields.first(where: { $0.key == path })?.rule {
      case .number: return number.map { Node(RecipeRule.decimal($0)) } ?? node
      case .whole: return Int(scalar.string).map { Node("\($0)") } ?? node
      default: return node
      }
    case .alias: return node
    }
  }
}

extension RecipeRule {
  /// Whether a node is a legal value.
  fileprivate func accepts(_ node: Node) -> Bool {
    switch self {
    case .wholes(let range):
      guard let sequence = node.sequence else { return false }
      return sequence.count <= 1000
        && sequence.allSatisfy { RecipeRule.whole(range).accepts($0) }
    default:
      guard let text = node.scalar?.string else { return false }
      return accepts(text)
    }
  }

  private func accepts(_ text: String) -> Bool {
    switch self {
    case .text: text.count <= 1000 && !text.contains(where: \.isNewline)
    case .flag: text == "true" || text == "false"
    case .whole(let range): Int(text).map(range.contains) ?? false
    case .number(let range): Double(text).map(range.contains) ?? false
    case .choice(let words): words.contains(text)
    case .wholes: false
    }
  }
}
