internal import CGDAL

/// The messages GDAL raised while a piece of work ran on this thread.
///
/// GDAL keeps its error handlers per thread, so a handler pushed around a call sees that call's
/// messages alone, and nothing reaches standard error.
final class GDALErrors {
  private(set) var failures: [String] = []
  private(set) var warnings: [String] = []

  var hasFailed: Bool { !failures.isEmpty }

  /// The first failure, being the cause of those that follow; else the first warning.
  var cause: String? { failures.first ?? warnings.first }

  /// GDAL's message without the path that many of its messages repeat, once or more, in front, and
  /// without advice that is for programmers, as part of a line.
  static func message(_ message: String, without path: String) -> String {
    let text = message.replacing("\(path): ", with: "").replacing("\(path):", with: "")
      .replacing(
        " (this warning can be turned as an error by setting GDAL_ERROR_ON_LIBJPEG_WARNING to TRUE)",
        with: "")
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  /// Runs `body` with GDAL's messages on this thread collected instead of printed.
  static func collecting<Result>(_ body: (GDALErrors) throws -> Result) rethrows -> Result {
    let errors = GDALErrors()
    // The handler gets the collector unretained: `errors` outlives the handler.
    CPLPushErrorHandlerEx(
      { level, _, message in
        guard let collector = CPLGetErrorHandlerUserData(), let message else { return }
        let errors = Unmanaged<GDALErrors>.fromOpaque(collector).takeUnretainedValue()
        if level == CE_Failure || level == CE_Fatal {
          errors.failures.append(String(cString: message))
        } else if level == CE_Warning {
          errors.warnings.append(String(cString: message))
        }
      }, Unmanaged.passUnretained(errors).toOpaque())
    CPLErrorReset()
    defer { CPLPopErrorHandler() }
    return try withExtendedLifetime(errors) { try body(errors) }
  }
}
