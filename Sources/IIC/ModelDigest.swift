internal import Crypto

/// The SHA-256 that names a model's exact bytes.
enum ModelDigest {
  /// The digest of bytes in memory, 64 hexadecimal digits.
  static func hexadecimal(of bytes: [UInt8]) -> String {
    hexadecimal(SHA256.hash(data: bytes))
  }

  static func hexadecimal(_ digest: SHA256.Digest) -> String {
    digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
