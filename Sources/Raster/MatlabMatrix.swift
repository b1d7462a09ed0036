internal import CMatio
internal import Foundation

/// A variable of a MAT file of version 5, as MATLAB and SciPy write them: whole numbers in two or
/// three dimensions.
public struct MatlabMatrix: Sendable, Equatable {
  /// Rows.
  public let rows: Int
  /// Columns.
  public let columns: Int
  /// Values of a place: 1 of a matrix of two dimensions.
  public let layers: Int
  /// [rows, columns, layers], row-major.
  public let values: [Int32]

  /// The file's size at most, and the matrix's.
  private static let largestFile = 256 << 20
  private static let largestCount = 1 << 26
  /// Variables of a file at most.
  private static let mostElements = 1024

  /// Reads the variable `name` of the file at `path`, stored as any real number type.
  ///
  /// The file's header and the lengths of its elements are checked before the library that reads
  /// MAT files sees it; other versions are refused.
  ///
  /// - Throws: ``RasterError`` where the file is missing, is no MAT file of version 5, is damaged or
  ///   cut short, or where the variable is missing, of another kind, too large, or has values that
  ///   are no whole numbers of 32 bits.
  public init(_ name: String, of path: String) throws {
    func failure(_ reason: String, _ remedy: String = "get the file again") -> RasterError {
      RasterError(operation: "read", path: path, reason: reason, remedy: remedy)
    }
    try Self.checkStructure(of: path, failure: failure)
    guard let file = Mat_Open(path, Int32(MAT_ACC_RDONLY.rawValue)) else {
      throw failure("it is not a MAT file")
    }
    defer { Mat_Close(file) }
    guard let variable = Mat_VarReadInfo(file, name) else {
      throw failure("it has no variable \(name), or is damaged before it")
    }
    defer { Mat_VarFree(variable) }
    let info = variable.pointee
    let kinds = [
      MAT_C_DOUBLE, MAT_C_SINGLE, MAT_C_INT8, MAT_C_UINT8, MAT_C_INT16, MAT_C_UINT16, MAT_C_INT32,
      MAT_C_UINT32,
    ]
    guard info.isComplex == 0, kinds.contains(info.class_type), (2...3).contains(info.rank),
      let dimensions = info.dims
    else {
      throw failure("its variable \(name) is no array of two or three dimensions of real numbers")
    }
    let extents = (0..<3).map { $0 < Int(info.rank) ? Int(clamping: dimensions[$0]) : 1 }
    guard extents.allSatisfy({ (1...Self.largestCount).contains($0) }),
      extents[0] <= Self.largestCount / extents[1] / extents[2]
    else {
      throw failure("its variable \(name) has \(extents) values, which is absurd")
    }
    let count = extents[0] * extents[1] * extents[2]
    guard Mat_VarReadDataAll(file, variable) == 0, let data = variable.pointee.data,
      Int(clamping: variable.pointee.nbytes) == count * Int(variable.pointee.data_size)
    else { throw failure("its variable \(name) is damaged or cut short") }
    guard
      let columnMajor = Self.wholeNumbers(
        UnsafeRawPointer(data), count: count, kind: variable.pointee.class_type,
        size: Int(variable.pointee.data_size))
    else { throw failure("its variable \(name) has values that are no whole numbers of 32 bits") }
    (rows, columns, layers) = (extents[0], extents[1], extents[2])
    var values: [Int32] = []
    values.reserveCapacity(count)
    for row in 0..<rows {
      for column in 0..<columns {
        for layer in 0..<layers {
          values.append(columnMajor[row + rows * (column + columns * layer)])
        }
      }
    }
    self.values = values
  }

  /// The matrix as an image of 8 bits, or nil where a value is not within 0…255.
  public var image: ByteImage? {
    guard values.allSatisfy({ (0...255).contains($0) }) else { return nil }
    return ByteImage(
      width: columns, height: rows, channels: layers, pixels: values.map { UInt8($0) })
  }

  /// Follows the elements of the file by their lengths: they must fill it exactly.
  private static func checkStructure(
    of path: String, failure: (String, String) -> RasterError
  ) throws {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw failure("no such file", "check the path")
    }
    guard status.st_size <= largestFile else {
      throw failure("it is larger than \(largestFile >> 20) MiB", "split it")
    }
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw failure("it cannot be read", "make it readable")
    }
    let isLittleEndian: Bool
    switch bytes.count >= 128 ? Array(bytes[124..<128]) : [] {
    case [0x00, 0x01, 0x49, 0x4D]: isLittleEndian = true
    case [0x01, 0x00, 0x4D, 0x49]: isLittleEndian = false
    case [0x00, 0x02, 0x49, 0x4D], [0x02, 0x00, 0x4D, 0x49]:
      throw failure("it is a MAT file of version 7.3", "save it anew: save -v6, or savemat")
    default: throw failure("it is not a MAT file of version 5", "check the path")
    }
    func number(at place: Int) -> Int {
      (0..<4).reduce(0) { $0 << 8 | Int(bytes[place + (isLittleEndian ? 3 - $1 : $1)]) }
    }
    let (matrix, compressed) = (14, 15)
    var place = 128
    var elements = 0
    while place < bytes.count {
      elements += 1
      guard elements <= mostElements, bytes.count - place >= 8,
        [matrix, compressed].contains(number(at: place)),
        number(at: place + 4) <= bytes.count - place - 8
      else { throw failure("the file is damaged or cut short", "get the file again") }
      place += 8 + number(at: place + 4)
    }
    guard elements > 0 else { throw failure("it holds no variable", "get the file again") }
  }

  private static func wholeNumbers(
    _ data: UnsafeRawPointer, count: Int, kind: matio_classes, size: Int
  ) -> [Int32]? {
    func numbers<Number: BitwiseCopyable>(as type: Number.Type, _ whole: (Number) -> Int32?)
      -> [Int32]?
    {
      guard size == MemoryLayout<Number>.size else { return nil }
      let bytes = UnsafeRawBufferPointer(start: data, count: count * size)
      var result: [Int32] = []
      result.reserveCapacity(count)
      for index in 0..<count {
        let value = bytes.loadUnaligned(fromByteOffset: index * size, as: Number.self)
        guard let number = whole(value) else { return nil }
        result.append(number)
      }
      return result
    }
    func converted<Number: BinaryInteger & BitwiseCopyable>(_ type: Number.Type) -> [Int32]? {
      numbers(as: type) { Int32(exactly: $0) }
    }
    func whole<Number: BinaryFloatingPoint & BitwiseCopyable>(_ type: Number.Type) -> [Int32]? {
      numbers(as: type) { Int32(exactly: $0) }
    }
    switch kind {
    case MAT_C_INT8: return converted(Int8.self)
    case MAT_C_UINT8: return converted(UInt8.self)
    case MAT_C_INT16: return converted(Int16.self)
    case MAT_C_UINT16: return converted(UInt16.self)
    case MAT_C_INT32: return converted(Int32.self)
    case MAT_C_UINT32: return converted(UInt32.self)
    case MAT_C_SINGLE: return whole(Float.self)
    case MAT_C_DOUBLE: return whole(Double.self)
    default: return nil
    }
  }
}
