// twin
