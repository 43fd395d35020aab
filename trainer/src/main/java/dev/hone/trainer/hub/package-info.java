/** Fetches models and datasets from the Hugging Face Hub into the cache that Python's huggingface_hub uses too. */
@NullMarked
package dev.hone.trainer.hub;

import org.jspecify.annotations.NullMarked;
