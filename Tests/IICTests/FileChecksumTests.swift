import Foundation
import IIC
import Testing

@Suite struct FileChecksumTests {
  /// The examples of RFC 1321.
  @Test(arguments: [
    ("", "d41d8cd98f00b204e9800998ecf8427e"), ("abc", "900150983cd24fb0d6963f7d28e17f72"),
    ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
  ])
  func `known checksums`(content: String, checksum: String) throws {
    let url = FileManager.default.temporaryDirectory.appending(
      component: "checksum-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: url) }
    #expect(FileChecksum.md5(of: url.path(percentEncoded: false)) == nil)
    try Data(content.utf8).write(to: url)
    #expect(FileChecksum.md5(of: url.path(percentEncoded: false)) == checksum)
  }
}
