package dev.hone.trainer.recipe;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a recipe's key means and may hold; docs/recipes.md is made of these. It stands at a component of a section's
 * record, or where several sections have the key, at the method of an interface that their records implement.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.METHOD})
public @interface Key {

    /** What the key means, for docs/recipes.md. */
    String value();

    /** The default, as it would stand in YAML. Empty: the key is required, or may be left out where it is nullable. */
    String fallback() default "";

    double min() default Double.NEGATIVE_INFINITY;

    double max() default Double.POSITIVE_INFINITY;

    /** The only values allowed; empty: any. */
    String[] choices() default {};

    /** A sibling section whose values stand in for keys this section leaves out. */
    String inherits() default "";

    /** Of a path: whether it may also name a repository of the Hub, as {@code org/name@revision}. */
    boolean hub() default false;

    /** Of a path: whether what does not end in {@code .yaml} is a name of the catalogue. */
    boolean described() default false;
}
