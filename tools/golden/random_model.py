"""Writes a model file of SegmentationNet10a or SegmentationNet10aTwoHead with random weights."""

import argparse

import torch

import segmentation_net10a


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", help="the .safetensors file to write")
    parser.add_argument("--two-heads", action="store_true", help="SegmentationNet10aTwoHead")
    parser.add_argument("--width", type=float, default=1, help="channel multiplier (default 1)")
    parser.add_argument("--bands", type=int, default=4, help="input channels (default 4)")
    parser.add_argument("--classes", type=int, default=6, help="classes (default 6)")
    parser.add_argument("--overclusters", type=int, default=24, help="head A's (default 24)")
    parser.add_argument("--sub-heads", type=int, default=1, help="sub-heads a head (default 1)")
    parser.add_argument("--input-size", type=int, default=200, help="patch size (default 200)")
    parser.add_argument("--offset", type=float, default=0, help="of every band (default 0)")
    parser.add_argument("--scale", type=float, default=255, help="of every band (default 255)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--counters", action="store_true", help="keep PyTorch's num_batches_tracked (int64)"
    )
    arguments = parser.parse_args()
    settings = segmentation_net10a.configuration(
        arguments.two_heads,
        inputChannels=arguments.bands,
        inputSize=arguments.input_size,
        classes=arguments.classes,
        subHeads=arguments.sub_heads,
        width=arguments.width,
    )
    if arguments.two_heads:
        settings["overclusters"] = arguments.overclusters
    bands = [
        {"name": f"band {number}", "offset": arguments.offset, "scale": arguments.scale}
        for number in range(1, arguments.bands + 1)
    ]
    network = segmentation_net10a.SegmentationNet10a(settings)
    segmentation_net10a.randomise(network, torch.Generator().manual_seed(arguments.seed))
    segmentation_net10a.write_model(
        arguments.output, network, settings, bands, counters=arguments.counters
    )


if __name__ == "__main__":
    main()
