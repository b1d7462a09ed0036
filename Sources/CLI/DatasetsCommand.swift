import ArgumentParser

/// `iic datasets`: what datasets are known, what one is, what a folder holds of it, and what has to
/// be made of its files first.
struct DatasetsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "datasets",
    abstract: "List datasets, describe one, check a folder, or prepare one.",
    usage: """
      iic datasets [<name>] [--data <path>]
      iic datasets prepare <dataset> --images <folder> --labels <folder> --output <folder>
      """,
    discussion: """
      Without a name, the datasets that iic reads. With one, where it comes from, under which \
      licence, how its files are laid out, their checksums and its classes. With --data too, what \
      a folder holds of it: images a class, what is missing, what is damaged. Nothing is \
      downloaded.

      The exit code is 1 where a folder holds nothing to learn from, or files that cannot be \
      trusted. Of a folder of your own images, those that cannot be read are named and left out.

      For example:
        iic datasets
        iic datasets mnist
        iic datasets mnist --data downloads/mnist
        iic datasets images --data photographs
        iic datasets prepare potsdam --images 4_Ortho_RGBIR \\
          --labels 5_Labels_for_participants -o potsdam
      """,
    subcommands: [DatasetsShowCommand.self, DatasetsPrepareCommand.self],
    defaultSubcommand: DatasetsShowCommand.self)
}
