import Kernels

/// The guided filter (He, Sun, Tang: Guided Image Filtering, PAMI 2013): smooths channels of
/// values while following the edges of an image, the guide.
///
/// Around every pixel the values are taken for a linear function of the guide's bands; each pixel
/// gets the mean of what the windows it lies in say of it (equations 14 to 16).
public struct GuidedFilter: Sendable, Equatable {
  /// Most bands a guide can have.
  public static let maximumGuideBands = Int(KERNELS_GUIDE_BANDS)

  /// Half the side of a window less its centre: windows are 2 · radius + 1 pixels wide.
  public let radius: Int
  /// The ridge term of the linear fit, in the guide's units squared: where the guide varies by
  /// less, its variation is smoothed away.
  public let epsilon: Double

  /// Traps unless the radius is 1 to 127 and epsilon at least 1e-8.
  public init(radius: Int = 12, epsilon: Double = 1e-3) {
    precondition((1...127).contains(radius), "radius \(radius)")
    precondition(epsilon >= 1e-8, "epsilon \(epsilon)")
    self.radius = radius
    self.epsilon = epsilon
  }

  /// How far from a pixel its result still depends on the input, in pixels.
  public var halo: Int { 2 * radius }

  /// Filters a rectangle of an image.
  ///
  /// Windows end at the image's edge, and invalid pixels count in none. A result depends on the
  /// pixels within ``halo`` alone, bit for bit: pieces of an image that overlap by the halo give
  /// the whole image's result. Linear in the values but for float rounding, so channels that sum
  /// to one still do; results may leave [0, 1] slightly at strong edges.
  ///
  /// - Parameters:
  ///   - values: [height, width, channels], in [0, 1].
  ///   - guide: [height, width, bands], scaled to about [0, 1]; cut to ±8.
  ///   - valid: [height, width].
  ///   - rows: The rows of the result.
  ///   - columns: The columns of the result.
  ///   - workers: Whose memory is used. The filter runs on the calling thread: give each worker a
  ///     tile of its own.
  /// - Returns: [rows.count, columns.count, channels]; 0 at invalid pixels.
  ///
  /// Traps where shapes do not fit, the rectangle leaves the image, or the guide has more than
  /// ``maximumGuideBands`` bands.
  public func filtered(
    _ values: Tensor, guide: Tensor, valid: [Bool], rows: Range<Int>, columns: Range<Int>,
    on workers: Workers
  ) -> Tensor {
    precondition(
      values.shape.count == 3 && guide.shape.count == 3
        && values.shape.prefix(2) == guide.shape.prefix(2)
        && valid.count == values.shape[0] * values.shape[1],
      "values \(values.shape), guide \(guide.shape), \(valid.count) flags")
    let (height, width, channels) = (values.shape[0], values.shape[1], values.shape[2])
    let bands = guide.shape[2]
    precondition((1...Self.maximumGuideBands).contains(bands), "a guide of \(bands) bands")
    precondition(
      rows.clamped(to: 0..<height) == rows && columns.clamped(to: 0..<width) == columns,
      "rows \(rows) and columns \(columns) of \(values.shape)")
    var result = Tensor(uninitialised: [rows.count, columns.count, channels], on: workers)
    if result.count == 0 { return result }
    let flags = valid.map { UInt8($0 ? 1 : 0) }
    let most = min(channels, Int(KERNELS_GUIDED_CHANNELS))
    let bytes = kernels_guided_filter_bytes(bands, most, columns.count, radius)
    var scratch = Tensor(uninitialised: [bytes / MemoryLayout<Float>.stride], on: workers)
    let memory = scratch.mutableElements()
    let output = result.mutableElements()
    var first = 0
    while first < channels {
      kernels_guided_filter(
        guide.elements, bands, values.elements + first, min(most, channels - first), channels,
        flags, height, width, rows.lowerBound, columns.lowerBound, rows.count, columns.count,
        radius, epsilon, memory, output + first)
      first += most
    }
    return result
  }
}
