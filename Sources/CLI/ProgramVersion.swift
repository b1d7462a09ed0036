/// What this program calls itself, in `--version` and in the files it writes.
enum ProgramVersion {
  static let program = "iic"
  static let current = "0.1.0"
}
