package dev.hone.trainer.cli;

import dev.hone.datasets.pairs.DatasetDiff;
import dev.hone.datasets.pairs.FrozenDataset;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "diff",
        description = "Says which pairs two frozen datasets have in common, and which were added, removed and changed."
                + " Both are checked against their hashes first.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExample:%n",
        footer = "  hone data diff datasets/math/1f0c... datasets/math/9a2b...")
final class DataDiffCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "A", description = "Folder of a frozen dataset.")
    private Path one = Path.of("");

    @Parameters(index = "1", paramLabel = "B", description = "Folder of another.")
    private Path other = Path.of("");

    @Mixin
    private final JsonOption json = new JsonOption();

    @Override
    public Integer call() {
        DatasetDiff diff = DatasetDiff.between(FrozenDataset.open(one), FrozenDataset.open(other));
        System.out.print(json.on ? new JsonMapper().writeValueAsString(diff) + "\n" : diff.toString());
        return 0;
    }
}
