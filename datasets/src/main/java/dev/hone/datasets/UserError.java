package dev.hone.datasets;

/**
 * Something the user can put right. The message is one sentence: it names the file, line or key, what was expected and
 * what to do. The command line prints it and exits with 2.
 */
public class UserError extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public UserError(String message) {
        super(message);
    }

    public UserError(String message, Throwable cause) {
        super(message, cause);
    }
}
