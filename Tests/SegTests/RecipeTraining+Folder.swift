import Foundation
import IIC
import Testing

extension RecipeTraining {
  /// The run in a folder: begun there, or gone on with where there is one.
  func run(at path: String) throws -> Run {
    guard FileManager.default.fileExists(atPath: path) else {
      return try begin(in: RunFolder(beginning: path, overwrite: false), seed: 1, threads: 2)
    }
    let folder = try RunFolder(resuming: path)
    return try resume(try #require(try folder.state()), in: folder, threads: 2)
  }
}
