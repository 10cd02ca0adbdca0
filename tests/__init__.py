"""The laws the shop keeps, each as a test."""
