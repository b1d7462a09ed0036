import IIC
import Raster
import Tensor
import TestSupport
import Testing

@testable import Classify

@Suite struct GalleryTests {
  private let fixture: DatasetFixture
  private let classifier: ImageClassifier

  init() throws {
    fixture = try DatasetFixture()
    let configuration = try ModelConfiguration(
      architecture: .clusterNet5g, inputChannels: 2, inputSize: 32, classes: 4, subHeads: 1,
      width: 0.05, sobel: true, batchNormTracking: false)
    var generator = SeededGenerator(seed: 8)
    let network = try ClusterNetwork(configuration: configuration, generator: &generator)
    classifier = try ImageClassifier(
      ModelFile(
        configuration: configuration, tensors: network.tensors,
        bands: [BandScaling(name: "grey", offset: 0, scale: 255)],
        images: ImagePreparation(shortestSide: 32, cropSize: 20, greyFirst: false)))
  }

  private func write(_ count: Int) throws -> [String] {
    try (0..<count).map { number in
      let image = DatasetFixture.image(
        number, height: 20 + number % 50, width: 30 + number % 70, channels: 3)
      try fixture.write(image.pngBytes(), to: "\(number).png")
      return fixture.file("\(number).png")
    }
  }

  @Test func `batches are even, and the same threads give the same bits`() throws {
    let paths = try write(11)
    var done: [Int] = []
    let one = try ImageClassification(
      of: paths, by: classifier, subHead: 0, keepingProbabilities: true, batchSize: 5,
      on: Workers(threads: 1)
    ) { done.append($0) }
    #expect(done == [3, 7, 11])
    let two = try ImageClassification(
      of: paths, by: classifier, subHead: 0, keepingProbabilities: true, batchSize: 5,
      on: Workers(threads: 2))
    #expect(one.assignments.map(\.cluster) == two.assignments.map(\.cluster))
    expectClose(one.probabilities, two.probabilities, absolute: 1e-5, relative: 0)
    let again = try ImageClassification(
      of: paths, by: classifier, subHead: 0, keepingProbabilities: true, batchSize: 5,
      on: Workers(threads: 2))
    #expect(two == again)
    #expect(one.assignments.map(\.path) == paths && one.probabilities.count == 44)
    #expect(one.sizes.reduce(0, +) == 11)
    // The statistics of a batch are its own: the same images in one batch come out otherwise.
    let together = try ImageClassification(
      of: paths, by: classifier, subHead: 0, keepingProbabilities: true, on: Workers(threads: 1))
    #expect(together.probabilities != one.probabilities)
  }

  /// A batch's own statistics are then not those of one folder's images; what comes of it still stands
  /// in the order of the paths.
  @Test func `batches are mixed, and results are in the order given`() throws {
    var paths = try write(11)
    paths.insert(fixture.file("gone.png"), at: 4)
    let known = DatasetReport.Problem(path: "caf", reason: "its name is not UTF-8")
    let workers = Workers(threads: 1)
    let found = try ImageClassification(
      of: paths, leftOut: [known], by: classifier, subHead: 0, keepingProbabilities: true,
      batchSize: 6, on: workers)
    let there = paths.filter { !$0.hasSuffix("gone.png") }
    #expect(found.assignments.map(\.path) == there)
    #expect(found.skipped.map(\.path) == ["caf", fixture.file("gone.png")])
    let order = MixedOrder.places(of: paths)
    #expect(order != Array(0..<12))
    for batch in [order[..<6], order[6...]] {
      let own = batch.map { paths[$0] }.filter { there.contains($0) }
      let rows = try classifier.probabilities(
        own.map { classifier.views.scoring(try ByteImage.decode($0)) }, head: .clustering,
        subHead: 0, on: workers)
      for (row, path) in own.enumerated() {
        let place = try #require(there.firstIndex(of: path))
        let values = (0..<4).map { rows[row * 4 + $0] }
        #expect(Array(found.probabilities[place * 4..<place * 4 + 4]) == values)
        #expect(found.assignments[place].probability == values.max())
      }
    }
    // Whatever the order that files are named in.
    let turned = try ImageClassification(
      of: paths.reversed(), by: classifier, subHead: 0, batchSize: 6, on: workers)
    #expect(turned.assignments == found.assignments.reversed())
  }

  @Test func `numbers that are not finite are refused`() throws {
    let file = classifier.file
    let name = "head.heads.0.0.weight"
    var tensors = file.tensors
    tensors[name] = Tensor(shape: try #require(tensors[name]).shape, repeating: 3e38)
    let huge = try ImageClassifier(
      ModelFile(
        configuration: file.configuration, tensors: tensors, bands: file.bands,
        images: file.images))
    let paths = try write(3)
    let error = try #require(throws: IICError.self) {
      try ImageClassification(of: paths, by: huge, subHead: 0, on: Workers(threads: 1))
    }
    #expect(error.reason.contains("not finite"))
  }

  @Test func `the surest and the least sure are chosen, each once`() throws {
    let classification = try ImageClassification(
      of: write(60), by: classifier, subHead: 0, on: Workers(threads: 2))
    let selection = GallerySelection(classification, count: 5)
    #expect(selection.clusters.map(\.size) == classification.sizes)
    for cluster in selection.clusters where cluster.size > 0 {
      let members = classification.assignments.filter { $0.cluster == cluster.cluster }
      let sorted = members.map(\.probability).sorted(by: >)
      #expect(cluster.mostCertain.map(\.probability) == Array(sorted.prefix(5)))
      let rest = min(5, max(0, members.count - 5))
      #expect(
        cluster.leastCertain.map(\.probability) == Array(sorted.suffix(rest).reversed()))
      let shown = (cluster.mostCertain + cluster.leastCertain).map(\.path)
      #expect(Set(shown).count == shown.count)
      let mean = members.reduce(0) { $0 + Double($1.probability) } / Double(members.count)
      #expect(abs((cluster.meanProbability ?? 0) - mean) < 1e-9)
    }
  }

  @Test func `pictures are small, whole, and stand in the page`() throws {
    let paths = try write(3)
    try fixture.write(
      DatasetFixture.image(9, height: 500, width: 250, channels: 3).jpegBytes(), to: "tall.jpg")
    let thumbnails = try Thumbnail.make(
      of: paths + [fixture.file("tall.jpg"), fixture.file("gone.png")], side: 100, threads: 2)
    #expect(thumbnails.count == 4)
    let tall = try #require(thumbnails[fixture.file("tall.jpg")])
    #expect(tall.width == 50 && tall.height == 100)
    #expect(tall.address.hasPrefix("data:image/jpeg;base64,/9j/"))
    let small = try #require(thumbnails[paths[0]])
    #expect(small.width == 30 && small.height == 20)
    #expect(small.address.hasPrefix("data:image/png;base64,iVBORw0KGgo"))
  }

  @Test func `paths cannot break out of the page or the table`() throws {
    #expect(
      ClusterGallery.escaped("<a href='x'>&\"\u{7}\u{202E}é")
        == "&lt;a href=&#39;x&#39;&gt;&amp;&quot;\u{FFFD}\u{FFFD}é")
    #expect(ImageClassification.field("plain name.png") == "plain name.png")
    #expect(ImageClassification.field("a,b") == "\"a,b\"")
    #expect(ImageClassification.field("say \"so\"") == "\"say \"\"so\"\"\"")
    #expect(ImageClassification.field("two\nlines") == "\"two\nlines\"")
    #expect(ImageClassification.field("\r") == "\"\r\"")
    #expect(ImageClassification.field(" x") == "\" x\"")
  }

  @Test func `models that cannot classify are refused`() throws {
    let file = classifier.file
    func model(
      bands: [BandScaling], images: ImagePreparation? = nil
    ) throws -> ModelFile {
      try ModelFile(
        configuration: file.configuration, tensors: file.tensors, bands: bands, images: images)
    }
    let grey = try BandScaling(name: "grey", offset: 0, scale: 255)
    let centred = try BandScaling(name: "grey", offset: 127, scale: 255)
    let unsaid = try model(bands: [grey])
    let other = try model(bands: [centred], images: file.images)
    #expect(throws: IICError.self) { try ImageClassifier(unsaid) }
    #expect(throws: IICError.self) { try ImageClassifier(other) }
  }
}
