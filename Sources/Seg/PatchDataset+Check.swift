public import IIC
internal import Tensor

extension PatchDataset {
  /// What a folder holds of Potsdam or COCO-Stuff: every listed image and its labels are read. In how
  /// many images a class occurs counts as that class's images.
  ///
  /// - Parameters:
  ///   - name: `potsdam` or `coco-stuff`.
  ///   - observe: called with how many images have been read and how many there are.
  /// - Throws: ``SegError`` where the lists are not there.
  public static func check(
    _ name: String, at path: String, threads: Int,
    observe: (_ done: Int, _ count: Int) -> Void = { _, _ in }
  ) throws -> DatasetReport {
    let description: DatasetDescription
    let dataset: PatchDataset
    let missing: [(path: String, reason: String)]
    if name == Potsdam.description.name {
      description = Potsdam.description
      (dataset, missing) = try openPotsdam(at: path, isCoarse: false)
    } else {
      description = CocoStuff.description
      do {
        (dataset, missing) = try openCocoStuff(at: path, classes: .stuff, version: nil)
      } catch let error as SegError {
        // The list of the fewer classes may be there alone.
        guard let few = try? openCocoStuff(at: path, classes: .few, version: nil) else {
          throw error
        }
        (dataset, missing) = few
      }
    }
    var problems = missing.map { DatasetReport.Problem(path: $0.path, reason: $0.reason) }
    let count = dataset.entries(of: dataset.listNames).count
    var done = 0
    let splits = try dataset.listNames.map { list -> DatasetReport.Split in
      let entries = dataset.lists[list] ?? []
      var images = 0
      var occurrences = [Int](repeating: 0, count: dataset.classNames.count)
      let readings = OrderedPipeline(count: entries.count, ahead: threads + 1, threads: threads) {
        { Reading(of: entries[$0], in: dataset) }
      }
      while let reading = try readings.next() {
        switch reading {
        case .classes(let classes):
          images += 1
          for label in classes { occurrences[Int(label)] += 1 }
        case .problem(let problem): problems.append(problem)
        }
        done += 1
        observe(done, count)
      }
      let isLabelled = entries.contains { $0.isLabelled }
      return DatasetReport.Split(
        name: list, images: images,
        publishedImages: description.splits.first { $0.name == list }?.images,
        classes: isLabelled
          ? zip(dataset.classNames, occurrences).map { .init(name: $0, images: $1) } : [],
        files: [], missing: [])
    }
    return DatasetReport(
      name: description.name, path: path, splits: splits, problems: problems, otherFiles: 0)
  }

  /// What came of reading an image: the classes that occur in it, or why it cannot be used.
  private enum Reading: Sendable {
    case classes(Set<UInt8>)
    case problem(DatasetReport.Problem)

    init(of entry: Entry, in dataset: PatchDataset) {
      do {
        let image = try dataset.read(entry)
        self = .classes(Set(image.labels ?? []).subtracting([PatchImage.noLabel]))
      } catch {
        self = .problem(.init(path: entry.name, reason: "\(error)"))
      }
    }
  }
}
