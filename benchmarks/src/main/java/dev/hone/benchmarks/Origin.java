package dev.hone.benchmarks;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a benchmark's data come from.
 *
 * @param hub dataset on the Hugging Face Hub, as {@code org/name}; null where it is not there
 * @param revision branch, tag or commit on the Hub
 * @param files patterns of the files that hold the problems; one without a slash is about the name alone
 * @param url the authors' page, for people
 */
public record Origin(@Nullable String hub, @Nullable String revision, List<String> files, String url) {

    public Origin {
        files = List.copyOf(files);
    }

    /** For people and for the metadata of pairs: {@code openai/gsm8k@main}, or the page. */
    @Override
    public String toString() {
        return hub == null ? url : "datasets/" + hub + "@" + revision();
    }

    @Override
    public String revision() {
        return revision == null ? "main" : revision;
    }
}
