internal import Testing

/// Something with numbers in it that `expectClose` can compare.
public protocol ComparableValues {
  /// The extent of each axis; empty for a single number.
  var comparedShape: [Int] { get }
  /// The numbers, row-major.
  var comparedValues: [Double] { get }
}

extension ReferenceTensor: ComparableValues {
  public var comparedShape: [Int] { shape }
  public var comparedValues: [Double] { values }
}

extension Array: ComparableValues where Element: BinaryFloatingPoint {
  public var comparedShape: [Int] { [count] }
  public var comparedValues: [Double] { map { Double($0) } }
}

extension Double: ComparableValues {
  public var comparedShape: [Int] { [] }
  public var comparedValues: [Double] { [self] }
}

extension Float: ComparableValues {
  public var comparedShape: [Int] { [] }
  public var comparedValues: [Double] { [Double(self)] }
}

/// Says what is wrong with numbers that should be close: nil if each lies within
/// `absolute + relative · |expected|` of what is expected, else a line that names the worst.
///
/// Anything that is not finite is as far off as can be, unless it equals what is expected.
public func differenceDescription(
  _ actual: some ComparableValues, _ expected: some ComparableValues, absolute: Double,
  relative: Double
) -> String? {
  guard actual.comparedShape == expected.comparedShape else {
    return "shape \(actual.comparedShape) where \(expected.comparedShape) is expected"
  }
  var worst: (index: Int, excess: Double)?
  var outside = 0
  let values = Array(zip(actual.comparedValues, expected.comparedValues))
  for (index, (value, wanted)) in values.enumerated() where value != wanted {
    let difference = abs(value - wanted)
    let allowed = absolute + relative * abs(wanted)
    if difference <= allowed { continue }
    outside += 1
    let excess = difference.isFinite && allowed > 0 ? difference / allowed : .infinity
    if excess > worst?.excess ?? -1 { worst = (index, excess) }
  }
  guard let worst else { return nil }
  let (value, wanted) = values[worst.index]
  let place = coordinates(of: worst.index, in: actual.comparedShape)
  return "\(outside) of \(values.count) values are off; the worst, at \(place), is \(value) where "
    + "\(wanted) is expected: off by \(abs(value - wanted)), \(worst.excess) times what is allowed"
}

/// Records a failure of the running test unless each number lies within
/// `absolute + relative · |expected|` of what is expected; the failure names the worst.
///
/// - Parameters:
///   - actual: what was computed.
///   - expected: what it should be; of the same shape.
///   - absolute: how far off any number may be.
///   - relative: how far off a number may be beyond that, as a part of the expected magnitude.
///   - subject: what is compared, for the failure's text.
public func expectClose(
  _ actual: some ComparableValues, _ expected: some ComparableValues, absolute: Double,
  relative: Double, _ subject: @autoclosure () -> String = "",
  fileID: String = #fileID, filePath: String = #filePath, line: Int = #line, column: Int = #column
) {
  guard
    let difference = differenceDescription(
      actual, expected, absolute: absolute, relative: relative)
  else { return }
  let subject = subject()
  Issue.record(
    Comment(rawValue: subject.isEmpty ? difference : "\(subject): \(difference)"),
    sourceLocation: SourceLocation(
      fileID: fileID, filePath: filePath, line: line, column: column))
}

/// A flat index as indices along each axis.
private func coordinates(of index: Int, in shape: [Int]) -> [Int] {
  var rest = index
  var places: [Int] = []
  for extent in shape.reversed() {
    places.insert(rest % extent, at: 0)
    rest /= extent
  }
  return places
}
