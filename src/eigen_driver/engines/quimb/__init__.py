"""quimb as devices: `engine`, matrix product states; `network`, networks that are contracted for each question."""
