package dev.hone.trainer.domains;

import dev.hone.datasets.curate.Selection;
import dev.hone.trainer.screen.ScreenReport;
import org.jspecify.annotations.Nullable;

/**
 * What curation chose.
 *
 * @param screen how the screen spent the attempts; null where all candidates were attempted
 */
public record Curated(Selection selection, @Nullable ScreenReport screen) {}
