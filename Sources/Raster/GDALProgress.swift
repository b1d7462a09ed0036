internal import CGDAL

/// How far GDAL has come with one long call.
enum GDALProgress {
  typealias Callback =
    @convention(c) (
      Double, UnsafePointer<CChar>?, UnsafeMutableRawPointer?
    ) -> Int32

  /// Runs `body` with a callback and its argument, as GDAL's functions take them, through which
  /// `observe` is told the part that is done, 0 to 1.
  static func observed<Result>(
    by observe: (Double) -> Void,
    _ body: (_ callback: Callback, _ argument: UnsafeMutableRawPointer?) throws -> Result
  ) rethrows -> Result {
    try withoutActuallyEscaping(observe) { observe in
      var observe = observe
      return try withUnsafeMutablePointer(to: &observe) { pointer in
        try body(
          { part, _, argument in
            // Some functions count one piece too many.
            argument?.assumingMemoryBound(to: ((Double) -> Void).self).pointee(min(part, 1))
            return 1
          }, UnsafeMutableRawPointer(pointer))
      }
    }
  }
}
