internal import CGDAL
internal import Foundation

extension ByteImage {
  /// The bytes of a PNG file of the image. Traps unless it is grey or RGB.
  /// - Throws: ``RasterError`` where the picture cannot be made.
  public func pngBytes() throws -> [UInt8] {
    try PNGImage(width: width, height: height, channels: channels, pixels: pixels).encoded()
  }

  /// The bytes of a JPEG file of the image. Traps unless it is grey or RGB.
  ///
  /// - Parameter quality: 1…100, as JPEG's programs count it.
  /// - Throws: ``RasterError`` where the picture cannot be made.
  public func jpegBytes(quality: Int = 85) throws -> [UInt8] {
    precondition(
      (channels == 1 || channels == 3) && (1...100).contains(quality),
      "JPEG of \(channels) channels, quality \(quality)")
    precondition(GDALDataset.driversAreRegistered)
    let path = "/vsimem/\(UUID().uuidString).jpg"
    return try GDALErrors.collecting { errors in
      func failure() -> RasterError {
        RasterError(
          operation: "make", path: "a JPEG picture",
          reason: errors.cause ?? "GDAL does not say why", remedy: "check GDAL's JPEG driver")
      }
      guard let memory = GDALGetDriverByName("MEM"), let jpeg = GDALGetDriverByName("JPEG"),
        let handle = GDALCreate(
          memory, "", Int32(width), Int32(height), Int32(channels), GDT_Byte, nil)
      else { throw failure() }
      let source = GDALDataset(owning: handle)
      var bytes = pixels
      guard
        GDALDatasetRasterIO(
          source.handle, GF_Write, 0, 0, Int32(width), Int32(height), &bytes, Int32(width),
          Int32(height), GDT_Byte, Int32(channels), nil, Int32(channels),
          Int32(width * channels), 1) == CE_None
      else { throw failure() }
      defer {
        VSIUnlink(path)
        VSIUnlink(path + ".aux.xml")
      }
      let copy = GDALStringList(["QUALITY=\(quality)"]).withPointer {
        GDALCreateCopy(jpeg, path, source.handle, 0, $0, nil, nil)
      }
      guard let copy, !GDALDataset(owning: copy).close().hasFailed else { throw failure() }
      var length: vsi_l_offset = 0
      guard let buffer = VSIGetMemFileBuffer(path, &length, 0), length > 0 else { throw failure() }
      return Array(UnsafeBufferPointer(start: buffer, count: Int(length)))
    }
  }
}
