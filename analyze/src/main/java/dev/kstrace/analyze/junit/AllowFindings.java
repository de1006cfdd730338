package dev.kstrace.analyze.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names rules whose findings do not fail a recorded test, for tests that provoke them. On a method
 * it takes the place of one on the class.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface AllowFindings {
  /** Ids of rules, as {@code kstrace rules list} shows them; an unknown one fails the test. */
  String[] value();
}
