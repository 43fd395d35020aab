package dev.hone.datasets.procedural;

/**
 * A problem with its solution.
 *
 * @param prompt what is asked, without a line end
 * @param work the worked steps, each ended by a newline
 * @param answer the final answer
 */
public record Problem(String prompt, String work, String answer) {}
