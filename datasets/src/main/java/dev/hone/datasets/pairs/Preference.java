package dev.hone.datasets.pairs;

/**
 * A prompt with two responses, one of them better: one line of a JSONL file, as TRL's explicit prompt format.
 *
 * @param id the file's name and the line
 * @param prompt the text given to the model, up to and including its separator
 */
public record Preference(String id, String prompt, String chosen, String rejected) {}
